from pathlib import Path

import pytest

from helpdesk.kernel import store


def test_the_same_content_is_kept_once_under_its_hash(tmp_path: Path) -> None:
    first, second = store.put(tmp_path, b"photo"), store.put(tmp_path, b"photo")
    assert first == second
    assert store.get(tmp_path, first) == b"photo"
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


def test_what_was_never_kept_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        store.get(tmp_path, "0" * 64)
