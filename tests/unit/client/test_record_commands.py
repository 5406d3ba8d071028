"""The commands for records: what each asks of the API, what it tells, and what it never tells."""

import io
import json
from contextlib import contextmanager

import pytest
from typer.testing import CliRunner

from client import records as commands
from client import records_sent
from client.alongside_client import Retries
from client.alongside_client.answers import Answer
from client.main import app
from client.record_lines import MOST_BYTES, lines_of
from deploy.stack.api_client import ApiAwayError

SECRET = "invented-reference"
RECORD = {"gender": "Female"}
FOUND = {"source": "casefile", "survivor_id": "5a", "episode_id": "e1"}


class Api:
    """Stands for a host's API; keeps what it was asked, and answers each record by its reference."""

    retries = Retries(attempts=1)

    def __init__(self):
        self.asked, self.found = [], [FOUND]

    @contextmanager
    def using(self):
        yield self

    def post(self, path, body, *, key=None):
        self.asked.append((path, body, key))
        if path.endswith("/search"):
            return {"items": self.found}
        if path.endswith("/corrections"):
            return {"id": "c", "changed": ["name"]}
        if path == "/v1/batch":
            if any(item["body"]["reference"] == "AWAY" for item in body["items"]):
                raise ApiAwayError("http://127.0.0.1")
            items = [self._item(item["body"]["reference"]) for item in body["items"]]
            return Answer({"items": items}, status=207, etag=None)
        return self._record(body["reference"])

    def _item(self, reference):
        if reference == "BAD":
            fault = {"pointer": "#/record/gender", "code": "x", "detail": "Write a text."}
            return {"status": 422, "body": {"code": "invalid-input", "detail": "Mend it.", "errors": [fault]}}
        return {"status": 201, "body": self._record(reference)}

    def _record(self, reference):
        outcome = {"HOLD": "HELD", "CHILD": "POSSIBLE_CHILD"}.get(reference, "CREATED")
        problem = {"field": "age_at_referral", "code": "age", "detail": "Write the age.", "urgent": False}
        problems = [] if outcome == "CREATED" else [problem]
        return {"id": "s", "episode_id": "e", "outcome": outcome, "number": 7, "problems": problems}


@pytest.fixture
def api():
    return Api()


@pytest.fixture
def run(api, monkeypatch):
    monkeypatch.setattr(commands, "host_client", lambda _tenant, who: setattr(api, "who", who) or api)

    def run(*words, typed=None):
        return CliRunner().invoke(app, ["records", *words, "-t", "alder"], input=typed)

    return run


def saying(reference, record=RECORD):
    return json.dumps({"reference": reference, "record": record})


class TestGet:
    def test_whom_a_reference_is_about(self, run, api):
        """Asked in a body; what is told are ids."""
        done = run("get", SECRET, "--source", "casefile", "-o", "json")
        assert json.loads(done.stdout) == {"items": [FOUND]}
        body = {"source": "casefile", "reference": SECRET}
        assert api.asked == [("/v1/survivors/by-reference/search", body, None)]

    def test_it_is_asked_for_where_it_is_left_out(self, run, api):
        """So that no list of processes and no shell's history has it."""
        assert run("get", typed=f"{SECRET}\n").exit_code == 0
        assert api.asked[0][1]["reference"] == SECRET

    def test_nobody_is_told_by_the_exit_code_too(self, run, api):
        """For a program that asks."""
        api.found = []
        done = run("get", SECRET)
        assert (done.exit_code, SECRET in done.output) == (1, False)


class TestPut:
    def test_one_record(self, run, api, tmp_path):
        """With how it is to be taken."""
        file = tmp_path / "one.json"
        file.write_text(saying(SECRET))
        words = ("put", str(file), "--source", "crm", "--new-source", "--known-rows", "correct", "--exact-references")
        done = run(*words)
        assert (done.exit_code, SECRET in done.output) == (0, False)
        ((path, body, _),) = api.asked
        assert path == "/v1/survivors/by-reference"
        assert body == {
            "source": "crm", "new_source": True, "known_rows": "correct", "exact_references": True,
            "reference": SECRET, "record": RECORD,
        }  # fmt: skip

    def test_what_was_not_taken_is_an_exit_code_and_a_reason(self, run):
        """The number is the one that a task names."""
        done = run("put", "-", typed=saying("HOLD"))
        assert done.exit_code == 1
        assert "The record: HELD (its number is 7)\n  age_at_referral: Write the age." in done.stdout

    @pytest.mark.parametrize(
        "content",
        [
            "", "[]", "{", '{"reference": "invented-reference"}', '{"reference": 3, "record": {}}', '{"reference": " ", "record": {}}',
            '{"reference": "invented-reference", "record": {}, "more": 1}', '{"reference": "a", "reference": "b", "record": {}}',
            '{"reference": "invented-reference", "record": []}', '{"reference": "a", "record": {"age": NaN}}',
            '{"reference": "a", "record": {"age": ' + "9" * 5_000 + "}}", "[" * 60_000, "{" + " " * MOST_BYTES,
        ],
    )  # fmt: skip
    def test_what_is_no_record_is_refused_before_anything_is_sent(self, run, api, content):
        """With what it should be, and nothing of what it is."""
        done = run("put", "-", typed=content)
        assert (done.exit_code, api.asked) == (2, [])
        assert SECRET not in done.output
        assert done.exception is None or isinstance(done.exception, SystemExit)

    def test_a_file_that_is_not_there(self, run, tmp_path):
        """Is wrong usage, and no traceback."""
        assert run("put", str(tmp_path / "none.json")).exit_code == 2


class TestSend:
    def test_a_file_in_batches(self, run, api, tmp_path):
        """A hundred at once, in order; each with a key of its own that a later run by the same name repeats."""
        file = tmp_path / "all.jsonl"
        file.write_text("\n".join(saying(f"R-{n}") for n in range(101)))
        done = run("send", str(file), "--run", "tonight")
        assert (done.exit_code, done.stdout) == (0, "101 CREATED\n")
        sizes = [len(body["items"]) for _, body, _ in api.asked]
        keys = [item["key"] for _, body, _ in api.asked for item in body["items"]]
        assert (sizes, len(set(keys))) == ([100, 1], 101)
        run("send", str(file), "--run", "tonight")
        again = [item["key"] for _, body, _ in api.asked[2:] for item in body["items"]]
        assert again == keys
        run("send", str(file))
        assert api.asked[4][1]["items"][0]["key"] != keys[0]

    def test_a_bad_line_stops_no_other(self, run, api):
        """Neither one that is no record nor one that the API refuses; each is told by its line alone."""
        lines = [
            "\ufeff" + saying(SECRET),
            "",
            SECRET,
            saying("BAD"),
            saying("CHILD"),
            saying("HOLD"),
            "x" * (MOST_BYTES + 9),
        ]
        done = run("send", "-", "-o", "json", typed="\n".join([*lines, saying("R-9")]))
        assert done.exit_code == 1
        told = json.loads(done.stdout)
        assert (told["lines"], told["not_listed"]) == (7, 0)
        assert told["counts"] == {"CREATED": 2, "REFUSED": 3, "POSSIBLE_CHILD": 1, "HELD": 1}
        assert {(one["line"], one["outcome"]) for one in told["not_taken"]} == {
            (3, "REFUSED"), (4, "REFUSED"), (5, "POSSIBLE_CHILD"), (6, "HELD"), (7, "REFUSED"),
        }  # fmt: skip
        (bad,) = (one for one in told["not_taken"] if one["line"] == 4)
        assert bad["problems"] == [{"field": "#/record/gender", "code": "x", "detail": "Write a text."}]
        assert SECRET not in done.output
        assert len(api.asked[0][1]["items"]) == 5

    def test_what_is_told_has_a_bound(self, run, monkeypatch):
        """And the sum tells the rest."""
        monkeypatch.setattr(records_sent, "MOST_LISTED", 2)
        done = run("send", "-", typed="\n".join(["no"] * 5))
        assert "… and 3 more lines" in done.stdout
        assert "5 REFUSED" in done.stdout

    def test_a_run_that_stops_says_how_to_go_on(self, run, api):
        """By the same name."""
        lines = [saying(f"R-{n}") for n in range(100)] + [saying("AWAY")]
        done = run("send", "-", "--run", "tonight", typed="\n".join(lines))
        assert isinstance(done.exception, ApiAwayError)
        assert "after 100 lines" in done.output
        assert "--run tonight" in done.output

    def test_no_more_than_a_line_stands_in_memory(self):
        """However long it is."""
        file = io.BytesIO(b"x" * (5 * MOST_BYTES) + b"\n" + saying("R-1").encode())
        assert [(line.number, line.reference) for line in lines_of(file)] == [(1, ""), (2, "R-1")]


class TestCorrect:
    def test_who_it_is_about_is_found_first(self, run, api, tmp_path):
        """And then what is right goes to them; a name never stands on the command line."""
        file = tmp_path / "right.json"
        file.write_text(json.dumps({"name": "Invented Name"}))
        words = ("correct", SECRET, "--why", "WRITTEN_WRONGLY", "--words", str(file), "--clear", "safe_contact")
        done = run(*words)
        assert (done.exit_code, done.stdout, api.who) == (0, "Corrected: name.\n", "supervisor")
        body = {"name": "Invented Name", "clear": ["safe_contact"], "why": "WRITTEN_WRONGLY"}
        assert api.asked[1] == ("/v1/survivors/5a/corrections", body, None)

    @pytest.mark.parametrize("found", [[], [FOUND, {**FOUND, "source": "other", "survivor_id": "6b"}]])
    def test_nobody_and_several_people_are_corrected_by_nobody(self, run, api, found):
        """One reference may be another person's in another system."""
        api.found = found
        assert run("correct", SECRET, "--why", "HAS_CHANGED", "--clear", "name").exit_code == 2
        assert len(api.asked) == 1

    @pytest.mark.parametrize("content", ["", "[]", '{"age": 3}', "x" * (MOST_BYTES + 1)])
    def test_wrong_words_are_refused_before_anything_is_asked(self, run, api, content):
        """With what they should be."""
        assert run("correct", SECRET, "--why", "HAS_CHANGED", "--words", "-", typed=content).exit_code == 2
        assert api.asked == []

    def test_standard_input_holds_one_thing(self, run, api):
        """Not the words and the reference both."""
        assert run("correct", "--why", "HAS_CHANGED", "--words", "-", typed="{}").exit_code == 2
        assert api.asked == []
