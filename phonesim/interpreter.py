"""Fetches a document and executes its verbs one by one, until a verb names the next document or nothing is left."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from phonesim.calls import Call
from phonesim.faults import DOCUMENT
from phonesim.script import Answer, Fetch, HungUp, Redirected, Routine, Source, Wait
from phonesim.states import COMPLETED, FAILED, IN_PROGRESS, NO_ANSWER, RINGING
from phonesim.twiml import SCHEMA, Document, Manner, TwimlError, Verb, parse

APOLOGY = "We are sorry, an application error has occurred. Goodbye."
APOLOGY_SECONDS = 4.0
Doing = Callable[[Call, Verb, Document], Routine[Source | None]]
VERBS: dict[str, Doing] = {}


class ApplicationError(Exception):
    """No document could be had, not even from the fallback URL."""


def known(verbs: Mapping[str, Doing]) -> None:
    """Make verbs executable."""
    VERBS.update(verbs)


def load(call: Call, source: Source, manner: Manner = Manner.LIVE) -> Routine[Document]:
    """Fetch and check a document; once more from the call's fallback URL; then ApplicationError."""
    try:
        return (yield from _load_once(call, source, manner))
    except TwimlError as error:
        call.network.alert(call.sid, error.code, source.url, error.message)
        if call.fallback_url is None:
            raise ApplicationError(error.message) from error
        params = {**source.params, "ErrorCode": str(error.code), "ErrorUrl": source.url}
        spare = Source(call.fallback_url, call.fallback_method, params)
    try:
        return (yield from _load_once(call, spare, manner))
    except TwimlError as error:
        call.network.alert(call.sid, error.code, spare.url, error.message)
        raise ApplicationError(error.message) from error


def _load_once(call: Call, source: Source, manner: Manner) -> Routine[Document]:
    if source.twiml is not None:
        return parse(source.twiml.encode(), manner, url=source.url)
    answer: Answer = yield Fetch(source.url, source.method, {**call.params(), **source.params}, DOCUMENT)
    if answer.failure:
        raise TwimlError(answer.error_code, f"no document ({answer.status or answer.failure})")
    if not answer.body:
        return Document((), source.url)
    return parse(answer.body, manner, answer.content_type, source.url)


def execute(call: Call, document: Document, manner: Manner = Manner.LIVE) -> Routine[Source | None]:
    """Do the verbs in order; the source of the next document, or None at the end of this one."""
    for verb in document.verbs:
        if call.status == RINGING and not _answers_on_bridge(verb):
            call.pick_up()
        source = yield from VERBS[verb.name](call, verb, document)
        if source is not None:
            return source
    return None


def live(call: Call, source: Source | None) -> Routine[None]:
    """The life of an answered leg: document after document; the end of the last one hangs up."""
    while True:
        try:
            while source is not None:
                document = yield from load(call, source)
                source = yield from execute(call, document)
            break
        except Redirected as redirection:
            source = redirection.source
        except ApplicationError:
            source = yield from _apologise(call)
            if source is None:
                break
    call.end(COMPLETED if call.status == IN_PROGRESS else NO_ANSWER, "document")


def _answers_on_bridge(verb: Verb) -> bool:
    """The caller goes on hearing the ringing until somebody is there."""
    return verb.name == "Dial" and verb.flag("answerOnBridge", False)


def inbound(call: Call, source: Source) -> Routine[None]:
    """A call to one of our numbers: it rings until the first document says more than <Reject>."""
    while True:
        try:
            document = yield from load(call, source)
            break
        except Redirected as redirection:
            source = redirection.source
        except ApplicationError:
            call.pick_up()
            following = yield from _apologise(call)
            if following is None:
                call.end(FAILED, "application error")
                return
            yield from live(call, following)
            return
    if document.verbs and document.verbs[0].name == "Reject":
        busy = document.verbs[0].attributes.get("reason") == "busy"
        call.end("busy" if busy else "no-answer", "rejected")
        return
    if not document.verbs or not _answers_on_bridge(document.verbs[0]):
        call.pick_up()
    try:
        following = yield from execute(call, document)
    except Redirected as redirection:
        following = redirection.source
    except ApplicationError:
        following = yield from _apologise(call)
    yield from live(call, following)


def farewell(call: Call, source: Source | None) -> Routine[None]:
    """Tell an action URL what became of its verb; the document that it answers is checked but not executed."""
    if source is None:
        return
    try:
        yield from _load_once(call, source, Manner.LIVE)
    except TwimlError as error:
        call.network.alert(call.sid, error.code or SCHEMA, source.url, error.message)


def hang_up(call: Call, verb: Verb, document: Document) -> Routine[Source | None]:
    yield from ()
    call.end(COMPLETED, "document")
    raise HungUp


def reject(call: Call, verb: Verb, document: Document) -> Routine[Source | None]:
    """Behind the first document of a call <Reject> comes too late: it hangs up."""
    return (yield from hang_up(call, verb, document))


def _apologise(call: Call) -> Routine[Source | None]:
    """Twilio's own words before it hangs up; the REST interface may still send the call somewhere."""
    call.hears("say", APOLOGY, "", APOLOGY_SECONDS)
    try:
        yield Wait(APOLOGY_SECONDS)
    except Redirected as redirection:
        return redirection.source
    return None
