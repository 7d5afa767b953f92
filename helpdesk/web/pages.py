"""What every template can use: texts in three languages, dates, the asker."""

from typing import Any

from flask import Flask, g, request

from helpdesk.kernel import clock, i18n, phones
from helpdesk.web.access import visitor
from helpdesk.web.navigation import places

COOKIE = "language"


def init_app(app: Flask) -> None:
    """Teach Jinja our languages and choose one for each request."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.newstyle_gettext = True  # type: ignore[attr-defined]
    app.jinja_env.install_gettext_callables(i18n.gettext, i18n.ngettext, newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.filters.update(
        time=i18n.time_text,
        date=i18n.date_text,
        moment=i18n.moment_text,
        number=i18n.number_text,
        duration=i18n.duration_text,
        phone=phones.shown,
    )
    app.jinja_env.globals.update(
        now=clock.now, LANGUAGES=i18n.LANGUAGES, language=i18n.language, visitor=visitor, places=places
    )
    app.before_request(_choose_language)


def _choose_language() -> None:
    asked = (request.view_args or {}).get("language")
    if asked is None and request.blueprint in ("webhooks", "health"):
        return
    person = visitor() if asked is None and request.endpoint != "static" else None
    remembered = request.cookies.get(COOKIE)
    best = request.accept_languages.best_match(i18n.LANGUAGES)
    code = asked or (person.language if person else None) or remembered or best or "kk"
    i18n.speak(code if code in i18n.LANGUAGES else "kk")
    g.language = i18n.language()


def form_values(form: Any) -> dict[str, str]:
    """What was typed, to be shown again; never a password or a token."""
    return {key: value for key, value in form.items() if key not in ("csrf_token", "password")}
