"""Alembic's door: one connection, one transaction, the models of the house."""

from alembic import context
from sqlalchemy import create_engine

import helpdesk.models  # noqa: F401  (fills the metadata)
from helpdesk.kernel.db import Base


def run() -> None:
    """Migrate with the connection that was handed in, or with the URL of the configuration."""
    connection = context.config.attributes.get("connection")
    if connection is not None:
        context.configure(connection=connection, target_metadata=Base.metadata, compare_type=True)
        with context.begin_transaction():
            context.run_migrations()
        return
    engine = create_engine(context.config.get_main_option("sqlalchemy.url") or "")
    with engine.connect() as opened:
        context.configure(connection=opened, target_metadata=Base.metadata, compare_type=True)
        with context.begin_transaction():
            context.run_migrations()


run()
