"""What the web server runs."""

from helpdesk.app import create_app

app = create_app()
