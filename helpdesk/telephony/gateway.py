"""The only importer of Twilio's REST client: what we ask of the carrier."""

from flask import Flask

from helpdesk.kernel.settings import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Attach the carrier that the settings name."""
    app.extensions["carrier_settings"] = settings
