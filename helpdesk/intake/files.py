"""Which files may come in: decided by what is in them, never by what they are called."""

import io
import re
import unicodedata
import zipfile
from pathlib import PurePosixPath

import puremagic

# Everything else is refused; what may run (programs, scripts, pages, drawings with scripts) has no entry on purpose.
_BY_MAGIC = {
    ".pdf": "application/pdf",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".jfif": "image/jpeg",
    ".png": "image/png",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".heic": "image/heic",
    ".heif": "image/heic",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".bmp": "image/bmp",
    ".rtf": "application/rtf",
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".3gp": "video/3gpp",
    ".3ga": "video/3gpp",
    ".m4a": "audio/mp4",
    ".mp3": "audio/mpeg",
    ".opus": "audio/ogg",
    ".ogg": "audio/ogg",
    ".oga": "audio/ogg",
    ".amr": "audio/amr",
    ".wav": "audio/wav",
}
_OFFICE = "application/vnd.openxmlformats-officedocument."
_INSIDE_ZIP = {
    "word/document.xml": _OFFICE + "wordprocessingml.document",
    "xl/workbook.xml": _OFFICE + "spreadsheetml.sheet",
    "ppt/presentation.xml": _OFFICE + "presentationml.presentation",
}
_OPEN_DOCUMENT = re.compile(rb"application/vnd\.oasis\.opendocument\.(text|spreadsheet|presentation)")
# Old office files look alike inside; the name chooses among these and nothing else.
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_BY_NAME = {
    ".doc": "application/msword",
    ".xls": "application/vnd.ms-excel",
    ".ppt": "application/vnd.ms-powerpoint",
}
_TEXT_BY_NAME = {".txt": "text/plain", ".csv": "text/csv", ".log": "text/plain"}
_MARKUP = re.compile(rb"<\s*(?:!doctype|html|script|svg|\?xml|\?php|iframe|body)", re.IGNORECASE)


def recognised(content: bytes, name: str) -> str | None:
    """The content type of a file that we take, or None. Office files with macros and archives are not taken."""
    extension = PurePosixPath(name.lower()).suffix
    if content.startswith(b"PK\x03\x04"):
        return _zipped_document(content)
    if content.startswith(_OLE):
        return _OLE_BY_NAME.get(extension)
    try:
        found = puremagic.magic_string(content[:8192])
    except (puremagic.PureError, ValueError):
        found = []
    best = max((match.confidence for match in found), default=0)
    for match in found:
        if match.confidence == best and match.extension in _BY_MAGIC:
            return _BY_MAGIC[match.extension]
    return _plain_text(content, extension)


def _zipped_document(content: bytes) -> str | None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
            if any(name.lower().endswith("vbaproject.bin") for name in names):
                return None
            for inside, content_type in _INSIDE_ZIP.items():
                if inside in names:
                    return content_type
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 100:
                kind = _OPEN_DOCUMENT.fullmatch(archive.read("mimetype").strip())
                return kind.group().decode() if kind else None
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError):
        return None
    return None


def _plain_text(content: bytes, extension: str) -> str | None:
    content_type = _TEXT_BY_NAME.get(extension)
    if content_type is None or b"\0" in content or _MARKUP.search(content[:4096]):
        return None
    return content_type


def safe_name(raw: str, fallback: str = "file") -> str:
    """A file name to be shown and offered: no folders, no control or direction marks, at most 120 characters."""
    text = unicodedata.normalize("NFC", raw).replace("\\", "/").rsplit("/", 1)[-1]
    text = "".join(letter for letter in text if unicodedata.category(letter)[0] != "C").strip(" .")
    stem, dot, extension = text.rpartition(".")
    if not dot:
        return text[:120] or fallback
    return f"{stem[: 110 - len(extension[:9])]}.{extension[:9]}" if stem else fallback
