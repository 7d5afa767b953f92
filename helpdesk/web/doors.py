"""Every door for people; a new page file adds its line here."""

from helpdesk.web import board, health, languages, login, prompts, public, public_status, styleguide

DOORS = (
    health.door,
    prompts.door,
    public.door,
    public_status.door,
    login.door,
    languages.door,
    board.door,
    styleguide.door,
)
