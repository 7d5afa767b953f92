"""Photos and documents that come with a form: a few, small, and only of kinds that a browser may show."""

from collections.abc import Iterable

from helpdesk.intake.files import recognised, safe_name
from helpdesk.intake.incoming import IncomingFile
from helpdesk.intake.photos import without_story
from helpdesk.kernel import settings, store
from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import N_

MOST_FILES = 3
LARGEST_BYTES = 5 * 1024 * 1024
TAKEN = frozenset({"image/jpeg", "image/png", "image/webp", "image/heic", "application/pdf"})


def keep(uploads: Iterable[tuple[str, bytes]], already: int) -> tuple[tuple[IncomingFile, ...], Refused | None]:
    """Store what may come in of (name, content) pairs beside the `already` kept ones.

    Returns the kept files and, when one was refused, why; the good ones are kept all the same.
    """
    kept: list[IncomingFile] = []
    refusal = None
    for raw_name, content in uploads:
        name = safe_name(raw_name)
        content_type = recognised(content, name)
        if already + len(kept) >= MOST_FILES:
            refusal = Refused(N_("At most %(most)s files can be attached"), "photos", most=MOST_FILES)
        elif len(content) > LARGEST_BYTES:
            refusal = Refused(N_("A file may have at most 5 MB: %(name)s"), "photos", name=name)
        elif content_type not in TAKEN or content_type is None:
            refusal = Refused(
                N_("Only photos (JPEG, PNG, WebP, HEIC) and PDF can be attached: %(name)s"), "photos", name=name
            )
        else:
            lean = without_story(content, content_type)
            kept.append(IncomingFile(name, content_type, store.put(settings.current().var_dir, lean), len(lean)))
    return tuple(kept), refusal
