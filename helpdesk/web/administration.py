"""The door to everything that administrators edit, and the row of links that its pages share."""

from dataclasses import dataclass

from flask import Blueprint, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.identity.rules import Permission, Role
from helpdesk.kernel.i18n import N_, gettext
from helpdesk.web.access import current, staff_only

door = Blueprint("administration", __name__)

ADMINISTRATORS = (Role.ADMINISTRATOR,)
READERS_OF_THE_JOURNAL = (Role.ADMINISTRATOR, Permission.DATA_OFFICER)

# Endpoint, words, and what it is for.
PAGES = (
    ("staff.staff", N_("Staff"), N_("Invite people, give them roles, let them in again, send them away.")),
    ("organizations.organizations", N_("Organizations"), N_("The tree: add, move with a date, close, import a list.")),
    (
        "imports.imports",
        N_("Import and export"),
        N_("Staff, organizations, people who ask and old tickets, from a file and into one."),
    ),
    ("desks.desks", N_("Desks"), N_("Opening hours, telephone numbers, mail addresses, rules of the telephone.")),
    (
        "voices.start",
        N_("Voice prompts"),
        N_("What the telephone says: listen, record, go back to the synthetic voice."),
    ),
    ("mailboxes.board", N_("Mailboxes"), N_("Mailboxes elsewhere that letters are fetched from; test them.")),
    ("categories.categories", N_("Categories"), N_("Names, first priority, and what is asked besides.")),
    ("tags.tags", N_("Tags"), N_("Rename words on tickets, and make two of one meaning one.")),
    ("tokens.tokens", N_("Tokens"), N_("Which other systems may read and write here; make and revoke tokens.")),
    ("hooks.hooks", N_("Webhooks"), N_("Which other systems are told what happens; test and send again.")),
    ("failed_jobs.failed_jobs", N_("Failed jobs"), N_("What a worker could not finish; try it again.")),
    ("journal.journal", N_("Journal"), N_("Who did what and when, with filters and as a file.")),
    ("privacy.people", N_("Personal data"), N_("All data of one person: as a file, or erased with an act.")),
    ("retention.rules", N_("Terms of keeping"), N_("How long each kind of data is kept before it is forgotten.")),
    ("breaches.log", N_("Breaches"), N_("Where data got out, and until when the authority must know.")),
)
# A page that is reached from another one.
PARTS = {"imports": "exports"}


@dataclass(frozen=True)
class AdminPage:
    """One of the pages that this person may open."""

    href: str
    words: str
    about: str
    here: bool


@door.get("/administration")
@staff_only(*READERS_OF_THE_JOURNAL)
def start() -> ResponseReturnValue:
    """What there is to administer."""
    return render_template("administration/start.html", pages=pages())


def pages() -> list[AdminPage]:
    """The pages of administration that the asker may open."""
    found = []
    for endpoint, words, about in PAGES:
        view = current_app.view_functions.get(endpoint)
        if view is not None and any(current().has(role) for role in getattr(view, "staff_only", ())):
            blueprint = endpoint.split(".")[0]
            here = request.blueprint in (blueprint, PARTS.get(blueprint))
            found.append(AdminPage(url_for(endpoint), gettext(words), gettext(about), here))
    return found


@door.app_context_processor
def _for_templates() -> dict[str, object]:
    return {"admin_pages": pages}
