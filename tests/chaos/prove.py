"""`./run prove chaos`: 100 worlds of 20 promises each, every one from its own seed."""

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from flask import Flask
from sqlalchemy import text

from helpdesk.app import create_app
from helpdesk.kernel.db import Base, db, transaction
from helpdesk.launcher.migrate import upgrade
from helpdesk.launcher.servers import Postgres, Valkey
from helpdesk.seeds.load import load_reference
from tests.chaos.harness import World
from tests.conftest import CLEAN, REFERENCE, settings
from tests.people import build_town

PROMISES = 20
_house: list[Flask] = []


def prepare() -> Callable[[], None]:
    """Start the servers and the house; returns how to stop them."""
    directory = Path(tempfile.mkdtemp(prefix="helpdesk-chaos-"))
    directory.chmod(0o755)
    postgres, valkey = Postgres(directory / "postgres", durable=False), Valkey(directory / "valkey")
    postgres.start()
    valkey.start()
    postgres.create_database("chaos")
    upgrade(postgres.url("chaos"))
    app = create_app(settings(postgres.url("chaos"), valkey.url, directory))
    with app.app_context(), transaction():
        load_reference()
    _house.append(app)

    def stop() -> None:
        with app.app_context():
            db.engine.dispose()
        valkey.stop()
        postgres.stop()
        shutil.rmtree(directory, ignore_errors=True)

    return stop


def run(number: int) -> Counter[str]:
    """One world. Raises AssertionError when a promise was doubled or lost, or two telephones rang together."""
    app = _house[0]
    tables = ",".join(name for name in Base.metadata.tables if name not in REFERENCE)
    with app.app_context():
        with db.engine.begin() as connection:
            connection.execute(text(CLEAN.format(tables=tables)))
        tally = World(app, build_town(), seed=number, count=PROMISES).live()
        db.session.remove()
    assert tally.broken == 0, f"world {number}: {tally}"
    counts = {name: value for name, value in vars(tally).items() if isinstance(value, int)}
    states = {f"state {name}": count for name, count in tally.states.items()}
    faults = {f"fault {name}": count for name, count in tally.faults.items()}
    return Counter(counts | states | faults)
