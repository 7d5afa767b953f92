"""Puts the house together."""

import os
from typing import cast

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from helpdesk import models  # noqa: F401  (every table is known before the first query: relationships name each other)
from helpdesk.api.door import make_door
from helpdesk.audit import journal
from helpdesk.callbacks import previews
from helpdesk.jobs import announce
from helpdesk.jobs.reactions import REACTIONS
from helpdesk.kernel import failpoints, logs
from helpdesk.kernel.db import announce_with, db
from helpdesk.kernel.postgres import connect_with
from helpdesk.kernel.redis import Line
from helpdesk.kernel.settings import ROOT, Settings, install, read_settings
from helpdesk.telephony import gateway, offers, transfers
from helpdesk.telephony.rules import OfferKind
from helpdesk.web import access, errors, limits, pages, security
from helpdesk.web.doors import DOORS
from helpdesk.webhooks.doors import CARRIER_DOORS


def create_app(settings: Settings | None = None) -> Flask:
    """The whole application. Without settings they are read from the environment; raises SettingsError."""
    settings = settings or read_settings(os.environ)
    install(settings)
    logs.configure(settings.log_json)
    failpoints.arm_from(os.environ, settings.environment)
    app = Flask("helpdesk", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "helpdesk" / "static"))
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS={"pool_size": 20, "max_overflow": 20, "pool_timeout": 5, "pool_pre_ping": False},
        MAX_CONTENT_LENGTH=25 * 1024 * 1024,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.public_base_url.startswith("https://"),
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.extensions["settings"] = settings
    app.extensions["redis"] = Line(settings.redis_url)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    db.init_app(app)
    with app.app_context():
        connect_with(db.engine)
    for part in (security, access, limits, pages, errors):
        part.init_app(app)
    gateway.init_app(app, settings)
    for door in DOORS:
        app.register_blueprint(door)
    for door in CARRIER_DOORS:
        security.csrf.exempt(door)  # a signature proves more than a token
        app.register_blueprint(door)
    interface = make_door(limits.limiter.shared_limit)
    security.csrf.exempt(interface)  # no cookie opens it, so no form of another site can use one
    app.register_blueprint(interface)
    journal.react_to(REACTIONS)
    offers.when_not_taken(OfferKind.CONSULT, transfers.not_taken)
    offers.when_not_taken(OfferKind.PREVIEW, previews.not_taken)
    announce_with(announce.announcer(cast(Line, app.extensions["redis"])))
    return app
