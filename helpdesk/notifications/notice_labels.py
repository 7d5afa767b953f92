"""How notices, their reasons and ways are called on pages and in letters: English msgids."""

from helpdesk.kernel.i18n import N_
from helpdesk.notifications.notice_rules import NoticeKind, NoticeWay, Why

KINDS: dict[NoticeKind, str] = {
    NoticeKind.MENTIONED: N_("You were mentioned in a note"),
    NoticeKind.ASSIGNED: N_("A ticket was given to you"),
    NoticeKind.HEARD: N_("The requester wrote"),
    NoticeKind.NOTED: N_("A colleague wrote a note"),
    NoticeKind.CHANGED: N_("Something changed"),
    NoticeKind.BREACHED: N_("A promise was broken"),
    NoticeKind.ACKNOWLEDGED: N_("What you handed on was acknowledged"),
    NoticeKind.UNACKNOWLEDGED: N_("What you handed on was not acknowledged in time"),
    NoticeKind.SENT_BACK: N_("What you handed on was sent back"),
}
WHY: dict[Why, str] = {
    Why.NAMED: N_("because your name stands in it"),
    Why.HOLDER: N_("because the ticket is yours"),
    Why.WATCHER: N_("because you watch the ticket"),
    Why.SENDER: N_("because you handed it on"),
}
WAYS: dict[NoticeWay, str] = {
    NoticeWay.OFF: N_("not at all"),
    NoticeWay.PAGES: N_("in the list"),
    NoticeWay.LETTER: N_("in the list and by letter"),
}
