"""One frozen, typed settings object, read once from the environment."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

ROOT = Path(__file__).resolve().parents[2]

# What each setting is for stands beside it; docs/administrators.md is generated from the same list.
NEEDED_IN_PRODUCTION = (
    "secret_key",
    "ticket_key",
    "database_url",
    "redis_url",
    "public_base_url",
    "twilio_account_sid",
    "twilio_auth_token",
    "twilio_from",
    "smtp_host",
)


class SettingsError(Exception):
    """The environment does not make a working set of settings; the message lists every problem."""


class Settings(BaseModel):
    """Every setting; the environment variable is the name in capitals."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    environment: Literal["production", "demo", "test"] = Field(
        "production", description="what this installation is for"
    )
    secret_key: str = Field("", description="signs sessions and forms; at least 32 characters")
    ticket_key: str = Field("", description="derives the secrets of tickets; changing it voids all secrets")
    database_url: str = Field("", description="PostgreSQL, as postgresql+psycopg://…")
    redis_url: str = Field("", description="Valkey or Redis, as redis://…")
    public_base_url: str = Field("", description="address that carriers and parents use, without a slash at the end")
    trusted_proxies: int = Field(0, ge=0, le=5, description="how many proxies in front add X-Forwarded-For")
    var_dir: Path = Field(ROOT / "var", description="attachments, recordings and kept files")
    log_json: bool = Field(True, description="JSON log lines; off gives lines for people")
    event_streams: int = Field(500, ge=0, description="open pages that one web process keeps up to date; others poll")
    rate_limits: bool = Field(True, description="limits on forms, sign-in and status pages")

    twilio_account_sid: str = Field("", description="account of the carrier")
    twilio_auth_token: str = Field("", description="signs the carrier's webhooks")
    twilio_api_base_url: str = Field("", description="other REST address than Twilio's: the phone simulator")
    twilio_api_key_sid: str = Field("", description="API key for the operators' softphones")
    twilio_api_key_secret: str = Field("", description="secret of that key")
    twilio_application_sid: str = Field("", description="TwiML application that softphones connect to")
    twilio_from: str = Field("", description="caller id of callbacks")
    sms_from: str = Field("", description="sender of SMS; empty uses the caller id")
    hotline_number: str = Field("1450", description="the short number that everybody dials")
    dials_per_second: float = Field(1.0, gt=0, description="calls per second that the account may create")

    smtp_host: str = Field("", description="server for outgoing mail")
    smtp_port: int = Field(587, description="its port")
    smtp_user: str = Field("", description="log-in, empty for none")
    smtp_password: str = Field("", description="password of that log-in")
    smtp_starttls: bool = Field(True, description="encrypt the connection before sending")
    mail_from: str = Field("1450@example.org", description="sender of letters")
    mail_domain: str = Field("example.org", description="domain of our Message-IDs and of desk mailboxes")
    mail_kept: bool = Field(False, description="do not send letters and SMS, keep them to be looked at (demo)")
    mail_door_host: str = Field("127.0.0.1", description="where the mail door listens")
    mail_door_port: int = Field(0, description="port of the SMTP/LMTP door")
    mail_door_lmtp: bool = Field(False, description="speak LMTP at that door instead of SMTP")

    callback_promise_minutes: int = Field(30, gt=0, description="a callback is promised within this many minutes")
    abandoned_after_seconds: int = Field(
        20, ge=0, description="who hangs up after waiting so long is called back, at desks that do so"
    )
    recordings_kept_days: int = Field(
        180, gt=0, description="voice messages and recorded conversations are erased after so many days"
    )
    second_factor_for_administrators: bool = Field(
        False, description="administrators sign in with a code of their telephone too"
    )
    oidc_issuer: str = Field(
        "", description="OpenID provider with which staff may sign in, as it calls itself; empty: none"
    )
    oidc_client_id: str = Field("", description="how that provider knows us")
    oidc_client_secret: str = Field("", description="what we prove it with; empty for a public client")
    oidc_name: str = Field("", description="what that provider is called on the sign-in page")
    webhooks_inside: bool = Field(
        False, description="webhooks to other systems may go to private addresses and over http (for trying out)"
    )
    simulator_url: str = Field("", description="address of the phone simulator's softphone, demo only")

    @property
    def general_mailbox(self) -> str:
        """The address that belongs to no desk, as 1450 belongs to none."""
        return f"{self.hotline_number}@{self.mail_domain}".lower()


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Build the settings from environment variables. Raises SettingsError listing all problems at once."""
    given = {name: environ[name.upper()] for name in Settings.model_fields if environ.get(name.upper())}
    try:
        settings = Settings.model_validate(given)
    except ValidationError as error:
        raise SettingsError(
            "\n".join(f"{'.'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors())
        ) from error
    problems = [f"{name.upper()} is not set" for name in NEEDED_IN_PRODUCTION if not getattr(settings, name)]
    if settings.environment == "production":
        if settings.secret_key and len(settings.secret_key) < 32:
            problems.append("SECRET_KEY is shorter than 32 characters")
        if settings.mail_kept:
            problems.append("MAIL_KEPT is for the demo: letters would never leave")
        if problems:
            raise SettingsError("\n".join(problems))
    return settings


_installed: Settings | None = None


def install(settings: Settings) -> None:
    """Make these the settings of the process. `app.py` does this once."""
    global _installed
    _installed = settings


def current() -> Settings:
    """The settings of the process, for rooms, which know no Flask. Raises SettingsError before any were installed."""
    if _installed is None:
        raise SettingsError("no settings are installed")
    return _installed
