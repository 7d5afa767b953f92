"""What every template can use: texts in three languages, dates, the asker."""

from typing import Any

from flask import Flask, g, request, url_for

from helpdesk.kernel import clock, i18n, phones
from helpdesk.kernel.masking import masked
from helpdesk.kernel.settings import Settings
from helpdesk.web import timers
from helpdesk.web.access import visitor
from helpdesk.web.navigation import places

COOKIE = "language"
# Each in its own words, the state language first.
NAMES = {"kk": "Қазақша", "ru": "Русский", "en": "English"}
# Who asks there reads no words of a page, or says at its own door which language it reads.
_SPEECHLESS = ("/twilio/", "/healthz", "/readyz", "/api/")


def init_app(app: Flask) -> None:
    """Teach Jinja our languages and choose one for each request."""
    settings: Settings = app.extensions["settings"]
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.newstyle_gettext = True  # type: ignore[attr-defined]
    app.jinja_env.install_gettext_callables(i18n.gettext, i18n.ngettext, newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.filters.update(
        time=i18n.time_text,
        date=i18n.date_text,
        moment=i18n.moment_text,
        number=i18n.number_text,
        duration=i18n.duration_text,
        phone=phones.shown,
        masked=masked,
    )
    app.jinja_env.globals.update(
        now=clock.now,
        LANGUAGES=i18n.LANGUAGES,
        LANGUAGE_NAMES=NAMES,
        language=i18n.language,
        in_language=in_language,
        visitor=visitor,
        places=places,
        timer_of=timers.timer,
        unread_words=unread_words,
        voice_sdk=bool(settings.twilio_api_key_sid) and not settings.simulator_url,
    )
    app.before_request(_choose_language)


def unread_words() -> str:
    """How many notifications the person has not read: honest up to 99."""
    person = visitor()
    return unread_text(person.unread if person else 0)


def unread_text(number: int) -> str:
    """The same of any number that was counted to a hundred."""
    return "99+" if number > 99 else str(number)


def _choose_language() -> None:
    asked = (request.view_args or {}).get("language")
    if asked is None and request.path.startswith(_SPEECHLESS):
        return
    person = visitor() if asked is None and request.endpoint != "static" else None
    remembered = request.cookies.get(COOKIE)
    best = request.accept_languages.best_match(i18n.LANGUAGES)
    code = asked or (person.language if person else None) or remembered or best or "kk"
    i18n.speak(code if code in i18n.LANGUAGES else "kk")
    g.language = i18n.language()


def in_language(code: str) -> str:
    """The address of this page, or of the start page where it has none of its own, in another language."""
    values = request.view_args or {}
    if request.method == "GET" and request.endpoint and "language" in values:
        return url_for(request.endpoint, **{**values, "language": code})
    return url_for("public.start", language=code)


def form_values(form: Any) -> dict[str, str]:
    """What was typed, to be shown again; never a password or a token."""
    return {key: value for key, value in form.items() if key not in ("csrf_token", "password")}
