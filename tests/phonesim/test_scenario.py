"""Scenario files: read, refused when something in them is wrong, played, and held to what they expect."""

from pathlib import Path

import pytest
from twilio.rest import Client

from phonesim import RebasedHttpClient
from phonesim.__main__ import main
from phonesim.scenario import Caller, Mistake, read, short_of
from tests.phonesim.served import ACCOUNT, BASE, TOKEN

EXAMPLES = sorted((Path(__file__).parents[2] / "phonesim" / "scenarios").iterdir())
MENU = {
    "/voice": '<Gather numDigits="1" action="/topic"><Play>/hello.wav</Play></Gather><Hangup/>',
    "/topic": '<Enqueue waitUrl="/wait">general</Enqueue>',
    "/wait": "<Say>Please wait</Say>",
}


def written(tmp_path, text):
    file = tmp_path / "scene.toml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.name)
def test_the_examples_can_be_read(file):
    assert read(file).callers


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "nobody calls"),
        ("[[call]]\nkeys = []", "call 1: from is missing"),
        ('[[call]]\nfrom = "+77090000001"\npatient = 3', "call 1: unknown: patient; known: at,"),
        ('[[call]]\nfrom = "+77090000001"\nexpect = { state = "busy" }', "call 1, expect: unknown: state"),
        ('[[call]]\nfrom = "+77090000001"\n[[person]]\nrings = []', "person 1: number is missing"),
        ("[[call]", "scene.toml: "),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path, text, said):
    with pytest.raises(Mistake) as refused:
        read(written(tmp_path, text))
    assert said in str(refused.value)


def test_callers_come_at_their_times_and_the_story_is_told_with_their_numbers(app, server, tmp_path, capsys):
    app.audio = {"/hello.wav": 2.0}
    app.pages = MENU
    file = written(
        tmp_path,
        """
        title = "Two callers"
        [[call]]
        from = "+77090000001"
        keys = ["1"]
        listens = true
        patience = 20
        expect = { status = "completed", hears = ["hello", "wait"], queue = "general", talks = false, at_most = 30 }
        [[call]]
        at = 10
        from = "+77090000002"
        keys = []
        expect = { hears = ["hello.wav"] }
        """,
    )
    assert main(["play", str(file), "--server", server.url]) == 0
    told = capsys.readouterr().out
    assert told.startswith("scenario  Two callers")
    assert "+77090000001  dialling  1450" in told
    assert "queue     general: joined" in told
    assert told.splitlines()[-1] == "outcome   as expected"
    first, second = (server.network.ledger.legs(f"+7709000000{n}")[0].from_at for n in (1, 2))
    assert (second - first).total_seconds() >= 9
    assert main(["dial", "--scenario", str(file), "--server", server.url]) == 0


def test_a_person_of_the_scenario_answers_and_what_the_number_lived_is_counted(app, server, tmp_path, capsys):
    client = Client(ACCOUNT, TOKEN, http_client=RebasedHttpClient(server.url))

    def back(form):
        client.calls.create(to="+77090000001", from_="1450", url=f"{BASE}/answer")
        client.calls.create(to="+77090000001", from_="1450", url=f"{BASE}/answer")
        client.messages.create(to="+77090000001", from_="HELPDESK", body="We call you back")
        return "<Say>We call you back</Say>"

    app.pages = {"/voice": back, "/answer": "<Say>Here we are</Say>"}
    scene = """
        [[call]]
        from = "+77090000001"
        [[person]]
        number = "+77090000001"
        rings = ["busy", 2.0]
        [[expect]]
        number = "+77090000001"
        rings = ["busy", "answered"]
        message = "call you back"
        """
    assert main(["play", str(written(tmp_path, scene)), "--server", server.url]) == 0
    wrong = scene.replace('"busy", "answered"', '"answered", "answered"') + "conversations = 1"
    within = "within = 20\n" + wrong
    assert main(["play", str(written(tmp_path, within)), "--server", server.url]) == 1
    told = capsys.readouterr().out
    assert "outcome   NOT as expected" in told
    assert "+77090000001 rang: " in told
    assert "had 0 conversations, not 1" in told


def test_what_did_not_come_true_is_said_in_words():
    expected = {
        "status": "completed",
        "hears": ["b", "a"],
        "queue": "q",
        "talks": True,
        "talks_with": "x",
        "at_least": 9,
    }
    caller = Caller(0, "+77090000001", "1450", {}, expected)
    lines = [{"kind": "play", "what": "a.wav"}, {"kind": "play", "what": "b.wav"}]
    assert short_of(caller, {"status": "busy", "seconds": 3}, lines) == [
        "ended as busy, not completed",
        "did not hear a (heard: a.wav, b.wav)",
        "did not wait in q",
        "talked with nobody",
        "did not talk with x",
        "took 3 s",
    ]


def test_the_shell_says_in_one_line_what_is_wrong(tmp_path, capsys):
    assert main(["play", str(tmp_path / "none.toml")]) == 2
    assert "No such file" in capsys.readouterr().err
    assert main(["dial"]) == 2
    assert "a number to dial, or --scenario FILE" in capsys.readouterr().err
    file = written(tmp_path, '[[call]]\nfrom = "+77090000001"')
    assert main(["play", str(file), "--server", "http://127.0.0.1:9"]) == 2
    assert capsys.readouterr().err.startswith("phonesim: no simulator at http://127.0.0.1:9")


def test_the_example_of_the_readme_can_be_read(tmp_path):
    readme = (Path(__file__).parents[2] / "phonesim" / "README.md").read_text(encoding="utf-8")
    example = readme.partition("```toml\n")[2].partition("```")[0]
    scenario = read(written(tmp_path, example))
    assert (scenario.title, scenario.within) == ("A callback is promised and kept", 900)
    assert scenario.numbers["+77090000902"]["rings"] == ["busy", "answered"]
