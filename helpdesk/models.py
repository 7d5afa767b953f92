"""Every table of the house in one import: for migrations, tests and the worker's start."""

from helpdesk.administration import models as administration
from helpdesk.audit import models as audit
from helpdesk.callbacks import models as callbacks
from helpdesk.contacts import models as contacts
from helpdesk.identity import access_models as access
from helpdesk.identity import models as identity
from helpdesk.identity import passkey_models as passkeys
from helpdesk.identity import token_models as tokens
from helpdesk.intake import models as intake
from helpdesk.knowledge import models as knowledge
from helpdesk.notifications import hook_models as hooks
from helpdesk.notifications import models as notifications
from helpdesk.notifications import notice_models as notices
from helpdesk.organizations import models as organizations
from helpdesk.platforms import models as platforms
from helpdesk.privacy import models as privacy
from helpdesk.routing import models as routing
from helpdesk.search import models as search
from helpdesk.search import view_models as views
from helpdesk.sla import models as sla
from helpdesk.telephony import conversation_models as conversations
from helpdesk.telephony import danger_models as danger
from helpdesk.telephony import models as telephony
from helpdesk.telephony import voice_models as voices
from helpdesk.tickets import answer_models as canned_answers
from helpdesk.tickets import bulk_models as bulk
from helpdesk.tickets import draft_models as drafts
from helpdesk.tickets import handover_models as handovers
from helpdesk.tickets import models as tickets
from helpdesk.tickets import opinion_models as opinions
from helpdesk.tickets import tag_models as tags
from helpdesk.tickets import tie_models as ties
from helpdesk.tickets import watch_models as watchers

__all__ = [
    "access",
    "administration",
    "audit",
    "bulk",
    "callbacks",
    "canned_answers",
    "contacts",
    "conversations",
    "danger",
    "drafts",
    "handovers",
    "hooks",
    "identity",
    "intake",
    "knowledge",
    "notices",
    "notifications",
    "opinions",
    "organizations",
    "passkeys",
    "platforms",
    "privacy",
    "routing",
    "search",
    "sla",
    "tags",
    "telephony",
    "tickets",
    "ties",
    "tokens",
    "views",
    "voices",
    "watchers",
]
