"""Attachments and recordings, kept as files named by the hash of their content."""

import hashlib
import os
import tempfile
from pathlib import Path


def put(root: Path, content: bytes) -> str:
    """Keep `content` under its SHA-256 and return that hash. On disk for certain when this returns; twice is once."""
    digest = hashlib.sha256(content).hexdigest()
    target = path(root, digest)
    if target.exists():
        return digest
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(name, target)
    return digest


def path(root: Path, digest: str) -> Path:
    """Where the content with this hash lies."""
    return root / "store" / digest[:2] / digest


def get(root: Path, digest: str) -> bytes:
    """The content with this hash. Raises FileNotFoundError."""
    return path(root, digest).read_bytes()


def remove(root: Path, digest: str) -> None:
    """Keep the content with this hash no longer; what is not there needs no removal."""
    path(root, digest).unlink(missing_ok=True)
