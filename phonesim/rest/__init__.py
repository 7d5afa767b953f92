"""The REST interface under /2010-04-01/Accounts/{AccountSid}, with Twilio's names, pages and error bodies."""

from phonesim.rest.app import rest_app

__all__ = ["rest_app"]
