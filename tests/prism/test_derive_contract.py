"""The committed table is what follows from Twilio's documents, and a changed one is noticed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.prism.proxy import document, explode_lists
from tools.derive_contract import DOCUMENT, METHODS, PREFIX, TABLE, TYPES, contract, differences, main


def test_the_committed_table_is_what_follows_from_the_documents(modules: Path) -> None:
    assert list(differences(json.loads(TABLE.read_text()), contract(modules))) == []
    assert main(["--check"]) == 0


CHANGES: list[tuple[str, Callable[[dict[str, Any]], object]]] = [
    ("Timeout", lambda table: table["operations"]["POST /Calls.json"]["fields"].update(Timeout="integer")),
    ("Url", lambda table: table["operations"]["POST /Calls.json"]["fields"].pop("Url")),
    ("Sooner", lambda table: table["operations"]["POST /Calls.json"]["fields"].update(Sooner="boolean")),
    ("required", lambda table: table["operations"]["POST /Messages.json"].update(required=[])),
    ("DELETE /Queues/{Sid}.json", lambda table: table["operations"].pop("DELETE /Queues/{Sid}.json")),
    ("input", lambda table: table["twiml"]["Gather"].update(input="words of dtmf")),
    ("version", lambda table: table["from"][0].update(version="8.3.1")),
]


@pytest.mark.parametrize(("name", "change"), CHANGES, ids=[name for name, _ in CHANGES])
def test_a_changed_table_is_noticed(
    modules: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    change: Callable[[dict[str, Any]], object],
) -> None:
    table = json.loads(TABLE.read_text())
    change(table)
    changed = tmp_path / "contract.json"
    changed.write_text(json.dumps(table, indent=1) + "\n")
    assert main(["--check", "--table", str(changed)]) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert name in line


def test_a_newer_document_is_noticed(modules: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for file in (DOCUMENT, TYPES):
        package = "/".join(file.split("/")[: 2 if file[0] == "@" else 1])
        (tmp_path / file).parent.mkdir(parents=True)
        (tmp_path / file).write_text((modules / file).read_text())
        (tmp_path / package / "package.json").write_text((modules / package / "package.json").read_text())
    assert main(["--check", "--modules", str(tmp_path)]) == 0
    newer = json.loads((modules / DOCUMENT).read_text())
    calls = newer["paths"][f"{PREFIX}/Calls.json"]["post"]["requestBody"]["content"]
    calls["application/x-www-form-urlencoded"]["schema"]["properties"]["Mood"] = {"type": "string"}
    (tmp_path / DOCUMENT).write_text(json.dumps(newer))
    assert main(["--check", "--modules", str(tmp_path)]) == 1
    assert "Mood" in capsys.readouterr().err


def test_without_the_packages_it_says_what_to_install(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check", "--modules", str(tmp_path)]) == 2
    assert "npm ci" in capsys.readouterr().err


def test_the_lists_of_the_whole_document_are_the_ten_that_prism_cannot_read(modules: Path) -> None:
    whole = json.loads((modules / DOCUMENT).read_text())
    operations = [item[m] for item in whole["paths"].values() for m in METHODS if m in item]
    lists = [explode_lists(operation) for operation in operations]
    assert sum(map(len, lists)) == 10
    assert sorted({name for names in lists for name in names}) == [
        "ConferenceRecordingStatusCallbackEvent",
        "ConferenceStatusCallbackEvent",
        "MediaUrl",
        "Permissions",
        "PersistentAction",
        "RecordingStatusCallbackEvent",
        "StatusCallbackEvent",
    ]


def test_only_what_is_asked_for_is_held_against(modules: Path) -> None:
    kept = document(modules, {"/Calls.json"})
    assert list(kept["paths"]) == [f"{PREFIX}/Calls.json"]
