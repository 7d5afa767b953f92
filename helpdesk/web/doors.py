"""Every door for people; a new page file adds its line here."""

from helpdesk.web import board, health, login

DOORS = (health.door, login.door, board.door)
