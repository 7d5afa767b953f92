import pytest

from helpdesk.kernel.settings import NEEDED_IN_PRODUCTION, SettingsError, read_settings

WHOLE = {
    "SECRET_KEY": "s" * 40,
    "TICKET_KEY": "t" * 40,
    "DATABASE_URL": "postgresql+psycopg://db/helpdesk",
    "REDIS_URL": "redis://cache/0",
    "PUBLIC_BASE_URL": "https://1450.example",
    "TWILIO_ACCOUNT_SID": "AC1",
    "TWILIO_AUTH_TOKEN": "token",
    "TWILIO_FROM": "+77272501450",
    "SMTP_HOST": "mail.example",
}


def test_a_whole_environment_makes_settings_that_cannot_change() -> None:
    settings = read_settings(WHOLE)
    assert settings.environment == "production"
    with pytest.raises(ValueError, match="frozen"):
        settings.secret_key = "other"


def test_production_names_everything_that_is_missing_at_once() -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings({})
    for name in NEEDED_IN_PRODUCTION:
        assert f"{name.upper()} is not set" in str(refused.value)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"SECRET_KEY": "short"}, "SECRET_KEY is shorter"),
        ({"SMTP_PORT": "many"}, "SMTP_PORT"),
        ({"MAIL_KEPT": "1"}, "MAIL_KEPT"),
        ({"ENVIRONMENT": "prod"}, "ENVIRONMENT"),
        ({"TRUSTED_PROXIES": "-1"}, "TRUSTED_PROXIES"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(change: dict[str, str], complaint: str) -> None:
    with pytest.raises(SettingsError, match=complaint):
        read_settings(WHOLE | change)


def test_a_demo_needs_little() -> None:
    assert read_settings({"ENVIRONMENT": "demo", "MAIL_KEPT": "1"}).mail_kept
