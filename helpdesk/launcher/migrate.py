"""Bring a database to the head of the migrations."""

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from helpdesk.kernel.settings import ROOT


def config(url: str) -> Config:
    """Alembic's configuration for the database at `url`; there is no alembic.ini to keep in step."""
    made = Config()
    made.set_main_option("script_location", str(ROOT / "migrations"))
    made.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return made


def upgrade(url: str, revision: str = "head") -> None:
    """Migrate upwards. One at a time: a second process waits for the first one's lock."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(1450)")
        made = config(url)
        made.attributes["connection"] = connection
        command.upgrade(made, revision)
    engine.dispose()
