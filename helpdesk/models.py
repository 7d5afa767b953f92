"""Every table of the house in one import: for migrations, tests and the worker's start."""

from helpdesk.audit import models as audit
from helpdesk.callbacks import models as callbacks
from helpdesk.contacts import models as contacts
from helpdesk.identity import models as identity
from helpdesk.intake import models as intake
from helpdesk.notifications import models as notifications
from helpdesk.organizations import models as organizations
from helpdesk.platforms import models as platforms
from helpdesk.routing import models as routing
from helpdesk.sla import models as sla
from helpdesk.telephony import conversation_models as conversations
from helpdesk.telephony import danger_models as danger
from helpdesk.telephony import models as telephony
from helpdesk.tickets import answer_models as canned_answers
from helpdesk.tickets import models as tickets
from helpdesk.tickets import tie_models as ties

__all__ = [
    "audit",
    "callbacks",
    "canned_answers",
    "contacts",
    "conversations",
    "danger",
    "identity",
    "intake",
    "notifications",
    "organizations",
    "platforms",
    "routing",
    "sla",
    "telephony",
    "tickets",
    "ties",
]
