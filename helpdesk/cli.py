"""Commands for people at a shell: `./run migrate`, `./run clock`, `./run shell` and the like end here."""

import code
import os
import sys

import click
from flask import Flask

from helpdesk.app import create_app
from helpdesk.demo.town import build_town
from helpdesk.identity.actions import password_hash
from helpdesk.identity.models import Staff, StaffRole
from helpdesk.identity.rules import Role
from helpdesk.jobs.runner import keep_time
from helpdesk.jobs.search import fill_index
from helpdesk.kernel.db import db, transaction
from helpdesk.kernel.settings import SettingsError, read_settings
from helpdesk.launcher.migrate import upgrade
from helpdesk.maildoor.door import serve
from helpdesk.seeds.articles import load_articles
from helpdesk.seeds.load import load_reference


@click.group()
def main() -> None:
    """Helpdesk 1450."""


def _migrated() -> Flask:
    settings = read_settings(os.environ)
    upgrade(settings.database_url)
    app = create_app(settings)
    with app.app_context(), transaction():
        load_reference()
        load_articles()
    return app


@main.command()
def migrate() -> None:
    """Bring the database to the head of the migrations and add reference rows that are missing."""
    _migrated()


@main.command()
def prepare() -> None:
    """Migrate, and build the demo town where nobody lives yet: what the demo needs, in one program."""
    with _migrated().app_context():
        build_town(click.echo)


@main.command()
def town() -> None:
    """Build the demo town in an empty database."""
    with create_app().app_context():
        build_town(click.echo)


@main.command()
def clock() -> None:
    """Do what is due, until stopped."""
    keep_time(create_app())


@main.command("mail-door")
def mail_door() -> None:
    """Take letters by SMTP, until stopped."""
    serve(create_app())


@main.command()
@click.argument("email")
@click.argument("name")
@click.argument("role", type=click.Choice([role.value for role in Role]))
@click.argument("organization_id", type=int)
@click.password_option()
def employ(email: str, name: str, role: str, organization_id: int, password: str) -> None:
    """Add a member of staff: the first administrator of an installation."""
    with create_app().app_context(), transaction():
        held = [StaffRole(role=Role(role), organization_id=organization_id)]
        hashed = password_hash(password)
        db.session.add(
            Staff(email=email, name=name, password_hash=hashed, languages=["kk", "ru"], skills=[], roles=held)
        )


@main.command("index-search")
@click.option("--batch", type=click.IntRange(1, 5000), default=500, help="Tickets in one transaction.")
@click.option("--pause", type=click.FloatRange(0, 60), default=0.0, help="Seconds between batches, by day.")
def index_search(batch: int, pause: float) -> None:
    """Let search find what was there before it: newest tickets first. Stopped and started again, it goes on."""
    with create_app().app_context():
        fill_index(click.echo, batch, pause)


@main.command()
def shell() -> None:
    """A Python prompt inside the application."""
    app = create_app()
    with app.app_context():
        code.interact("app, db and transaction() are at hand", local={"app": app, "db": db, "transaction": transaction})


if __name__ == "__main__":
    try:
        main()
    except SettingsError as error:
        sys.exit(f"These settings do not work:\n{error}")
