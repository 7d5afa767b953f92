"""Log lines: JSON, with the ids of ticket, call and job, and never a whole phone number."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from helpdesk.kernel import phones

_NUMBER = re.compile(r"\+\d{9,15}")


def _mask_numbers(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = _NUMBER.sub(lambda found: phones.masked(found.group()), value)
    return event


def configure(as_json: bool) -> None:
    """Send everything, the libraries' lines too, through one chain to standard error."""
    chain: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _mask_numbers,
    ]
    last: Any = structlog.processors.JSONRenderer(ensure_ascii=False) if as_json else structlog.dev.ConsoleRenderer()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=chain, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last]
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    logging.getLogger("twilio.http_client").setLevel(logging.WARNING)  # it logs whole requests with numbers
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *chain, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


bound = structlog.contextvars.bound_contextvars
