"""Every door for people; a new page file adds its line here."""

from helpdesk.web import board, health, languages, login, styleguide

DOORS = (health.door, login.door, languages.door, board.door, styleguide.door)
