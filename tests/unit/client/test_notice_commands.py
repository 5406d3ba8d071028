"""The commands for notices: what each asks of the API, and what it shows."""

import json

import pytest
from typer.testing import CliRunner

from client import notices as commands
from client.main import app

CODE = "AGGREGATE_STATISTICS.PROJECT_BOARD.v1"
TEXT = {
    "language": "en",
    "text": "May we [count] you?",
    "text_hash": "a" * 64,
    "easy": "Yes or no?",
    "review": "SOURCE",
}
POLISH = {**TEXT, "language": "pl", "text": "Tak?", "easy": None, "review": "NONE", "text_hash": "b" * 64}
ROW = {"code": CODE, "replaced_at": None, "texts": [TEXT, POLISH]}
NOTICES = "/v1/consent-notices"


class Api:
    """Stands for a host's API; keeps what it was told."""

    def __init__(self):
        self.told = []
        self.rows = [ROW]

    def get(self, path):
        assert path == f"{NOTICES}/{CODE}"
        return ROW

    def items(self, path):
        assert path == NOTICES
        return iter(self.rows)

    def post(self, path, body):
        self.told.append((path, body))
        return {"id": CODE, "text_hash": "a" * 64}


@pytest.fixture
def api(monkeypatch):
    api = Api()
    monkeypatch.setattr(commands, "host_client", lambda tenant, role: api if role == "dpo" else None)
    return api


@pytest.fixture
def file(tmp_path):
    """A file with words."""
    made = tmp_path / "words.txt"
    made.write_text("May we count you?\n", encoding="utf-8")
    return str(made)


def run(*words):
    return CliRunner().invoke(app, ["consents", *words, "-t", "alder"])


@pytest.mark.parametrize(
    ("words", "shown"),
    [(("notices",), "pl (not reviewed)"), (("notice", CODE), "May we [count] you?"),
     (("notice", CODE, "--language", "pl"), "Tak?")],
)  # fmt: skip
def test_what_is_shown(api, words, shown):
    """In words, and as JSON for machines."""
    assert shown in run(*words).output
    assert json.loads(run(*words, "-o", "json").output)


def test_where_none_is_published_it_says_so(api):
    """And where there are no words in a language, how to see which there are."""
    assert run("notice", CODE, "--language", "vi").exit_code != 0
    api.rows = []
    assert "No notice is published yet" in run("notices").output


def test_what_is_told(api, file):
    """Exactly as the API takes it; a review names the words that were read, whatever stands there now."""
    assert run("publish-notice", "AGGREGATE_STATISTICS", "PROJECT_BOARD", "--text", file).exit_code == 0
    assert run("translate-notice", CODE, "--language", "pl", "--text", file, "--easy", file).exit_code == 0
    assert run("review-notice", CODE, "--language", "pl").exit_code == 2
    assert f"--read {'b' * 64}" in run("notice", CODE, "--language", "pl").output
    assert run("review-notice", CODE, "--language", "pl", "--read", "c" * 64).exit_code == 0
    words = "May we count you?"
    assert api.told == [
        (NOTICES, {"purpose": "AGGREGATE_STATISTICS", "recipient_class": "PROJECT_BOARD", "text": words, "easy": None}),
        (f"{NOTICES}/{CODE}/translations", {"language": "pl", "text": words, "easy": words}),
        (f"{NOTICES}/{CODE}/reviews", {"language": "pl", "text_hash": "c" * 64}),
    ]


@pytest.mark.parametrize("content", [b"\xff\xfe", b"x" * 100_001])
def test_a_file_that_is_no_notice_is_not_sent(api, tmp_path, content):
    """With a sentence, and no trace of a program."""
    file = tmp_path / "odd"
    file.write_bytes(content)
    answer = run("publish-notice", "AGGREGATE_STATISTICS", "PROJECT_BOARD", "--text", str(file))
    assert answer.exit_code == 2
    assert "Traceback" not in answer.output
    assert api.told == []
