"""The house itself: floors, translations, lock files, migrations, and the paths that the papers name."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from babel.messages.extract import extract_from_dir
from flask import Flask

from helpdesk.kernel.db import Base, db
from helpdesk.kernel.i18n import CATALOGS, read_catalog
from helpdesk.launcher.migrate import config

ROOT = Path(__file__).resolve().parents[1]
KEYWORDS = {"_": None, "gettext": None, "N_": None, "ngettext": (1, 2), "Refused": None}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


def _messages() -> dict[str, tuple[str, int]]:
    """Every msgid of the code and the templates, and where it stands."""
    found: dict[str, tuple[str, int]] = {}
    places = [
        (ROOT / "helpdesk", [("**.py", "python")]),
        (ROOT / "templates", [("**.html", "jinja2"), ("**.txt", "jinja2")]),
    ]
    for folder, methods in places:
        options = {pattern: {"silent": "false"} for pattern, _ in methods}
        for file, line, message, _comments, _context in extract_from_dir(
            str(folder), method_map=methods, options_map=options, keywords=KEYWORDS
        ):
            found[message[0] if isinstance(message, tuple) else message] = (f"{folder.name}/{file}", line)
    return found


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_every_text_is_translated(language: str) -> None:
    known = {}
    for file in (CATALOGS / language).glob("*.po"):
        for entry in read_catalog(file):
            key = entry.id[0] if isinstance(entry.id, (list, tuple)) else entry.id
            texts = entry.string if isinstance(entry.string, (list, tuple)) else (entry.string,)
            if key and all(texts) and not entry.fuzzy:
                known[key] = texts
    missing = {message: place for message, place in _messages().items() if message not in known}
    assert not missing, f"no {language} text for:\n" + "\n".join(
        f"{text!r}  {place}" for text, place in missing.items()
    )


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_a_text_is_translated_in_one_place(language: str) -> None:
    places: dict[str, list[str]] = {}
    for file in (CATALOGS / language).glob("*.po"):
        for entry in read_catalog(file):
            if entry.id:
                places.setdefault(str(entry.id), []).append(file.name)
    assert [f"{text}: {', '.join(files)}" for text, files in places.items() if len(files) > 1] == []


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_a_translation_uses_the_values_of_its_message(language: str) -> None:
    for file in (CATALOGS / language).glob("*.po"):
        for entry in read_catalog(file):
            if not entry.id:
                continue
            source = " ".join(entry.id) if isinstance(entry.id, (list, tuple)) else entry.id
            texts = entry.string if isinstance(entry.string, (list, tuple)) else (entry.string,)
            for text in texts:
                assert set(PLACEHOLDER.findall(text)) <= set(PLACEHOLDER.findall(source)), f"{file.name}: {source}"


def test_the_three_languages_have_the_same_catalogs() -> None:
    assert {file.name for file in (CATALOGS / "kk").glob("*.po")} == {
        file.name for file in (CATALOGS / "ru").glob("*.po")
    }


def test_kazakh_texts_glue_no_ending_on_a_value() -> None:
    glued = re.compile(r"%\(\w+\)[sd](-?[а-яәғқңөұүһі]{2,4}\b)")
    # numerals of time stand before their unit without an ending: 5 мин
    for file in (CATALOGS / "kk").glob("*.po"):
        for entry in read_catalog(file):
            texts = entry.string if isinstance(entry.string, (list, tuple)) else (entry.string,)
            for text in texts:
                assert not glued.search(text), f"{file.name}: {text}"


def test_no_lock_file_names_an_address() -> None:
    for lock in ROOT.glob("*.lock"):
        text = lock.read_text()
        assert "://" not in text, lock.name
        assert text.count("--hash=sha256:") >= text.count("=="), f"{lock.name}: everything is pinned by hash"


def test_the_lock_file_of_node_names_no_address_either() -> None:
    text = (ROOT / "tools/prism/package-lock.json").read_text()
    assert "://" not in text
    packages = json.loads(text)["packages"]
    assert all(package.get("integrity", "").startswith("sha512-") for name, package in packages.items() if name)


def test_the_newest_migration_makes_exactly_the_tables_of_the_models(app: Flask) -> None:
    with db.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection, {"compare_type": True}), Base.metadata)
    # sequences of ticket numbers are made when a year begins
    assert differences == []


def test_migrations_have_one_head() -> None:
    assert len(ScriptDirectory.from_config(config("postgresql://")).get_heads()) == 1


def test_imports_run_down_the_floors() -> None:
    done = subprocess.run([Path(sys.executable).parent / "lint-imports"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_the_top_of_the_house_stays_a_few_lines() -> None:
    for name in ("wsgi.py", "worker.py"):
        assert len((ROOT / name).read_text().splitlines()) <= 12, name
