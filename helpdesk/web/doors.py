"""Every door for people; a new page file adds its line here."""

from helpdesk.web import (
    board,
    by_hand,
    events,
    health,
    languages,
    login,
    mail,
    outbox,
    prompts,
    public,
    public_status,
    reports,
    styleguide,
    suggestions,
    supervisor,
    tickets,
)

DOORS = (
    health.door,
    prompts.door,
    public.door,
    public_status.door,
    login.door,
    languages.door,
    board.door,
    events.door,
    mail.door,
    outbox.door,
    tickets.door,
    by_hand.door,
    suggestions.door,
    supervisor.door,
    reports.door,
    styleguide.door,
)
