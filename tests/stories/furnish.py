"""A program: an empty database becomes a house with one desk, which has a mailbox."""

import os

from helpdesk.app import create_app
from helpdesk.kernel.db import transaction
from helpdesk.kernel.settings import read_settings
from helpdesk.launcher.migrate import upgrade
from helpdesk.organizations.rules import Kind
from helpdesk.seeds.load import load_reference
from tests.people import open_desk, organization

if __name__ == "__main__":
    settings = read_settings(os.environ)
    upgrade(settings.database_url)
    with create_app(settings).app_context(), transaction():
        load_reference()
        open_desk(organization(None, Kind.REGION_DEPARTMENT, "Алматы", "Алматы", "Almaty"), mailbox="905@1450.test")
