"""What every command keeps to: its help, its exit codes, and one line that says what, why and how to mend it."""

import os

import click
import pytest
import typer

from client import importing
from client.main import app
from deploy.engines.layout import Layout
from deploy.provision.spec import TenantSpec
from deploy.stack.state import StackState
from shared.kernel.tenancy import TenantId
from tests.kit.command import run_anew, run_copied


def commands():
    """(words, command) of every command and group."""
    found = []

    def walk(words, command):
        found.append((words, command))
        for name in getattr(command, "commands", {}):
            walk((*words, name), command.commands[name])

    walk((), typer.main.get_command(app))
    return found


ALL = commands()
LEAVES = [(words, command) for words, command in ALL if not getattr(command, "commands", None)]


@pytest.mark.parametrize(("words", "command"), ALL, ids=lambda v: " ".join(v) if isinstance(v, tuple) else "")
def test_every_command_says_what_it_does(words, command):
    """A sentence of help on each command, and words on each option."""
    assert command.help or not words
    bare = [p.name for p in command.params if isinstance(p, click.Option) and not p.help and p.name != "output"]
    assert bare == []


def test_what_shows_something_also_shows_json():
    """``-o json`` is known wherever something is shown."""
    shows = {"status", "doctor", "list", "show", "preview", "tail"}
    lacking = [
        " ".join(words)
        for words, command in LEAVES
        if words and words[-1] in shows and not any("-o" in p.opts for p in command.params)
    ]
    # The parked message itself is JSON already.
    assert lacking == ["parked show"]


class TestExitCodes:
    def test_0_is_done(self, tmp_path):
        """Asking for help is no failure, also where the program has just been started."""
        assert run_anew(tmp_path, "--help").returncode == 0

    @pytest.mark.parametrize("words", [["nonsense"], ["period", "preview"], ["status", "--nonsense"], ["import"]])
    def test_2_is_wrong_usage(self, tmp_path, words):
        """With what was wrong, on standard error; nothing is started."""
        done = run_copied(tmp_path, *words)
        assert done.returncode == 2
        assert done.stdout == ""
        assert done.stderr.strip()
        assert not (tmp_path / "mongo").exists()

    @pytest.mark.parametrize(
        "words",
        [
            ["clock", "advance", "3"],
            ["tenant", "suspend", "nobody"],
            ["tenant", "add", "x", "--name", "X", "--nation", "ATLANTIS"],
            ["tenant", "add", "Not A Name", "--name", "X", "--nation", "WALES"],
            ["migrate", "status", "-t", "nobody"],
            ["erase", "status", "-t", "nobody"],
        ],
    )
    def test_1_is_refused_with_the_reason(self, tmp_path, words):
        """One line that says what and how to mend it; no trace of the program."""
        done = run_copied(tmp_path, *words)
        assert (done.returncode, done.stdout) == (1, ""), done.stderr
        assert "Traceback" not in done.stderr
        assert "alongside" in done.stderr or done.stderr.strip().endswith("."), done.stderr

    @pytest.mark.parametrize(
        "words", [["status"], ["parked", "list", "-t", "alder"], ["period", "preview", "2026-Q3", "-t", "alder"]]
    )
    def test_3_is_away(self, tmp_path, words):
        """With the line that says what does not run, never a trace."""
        alder = TenantSpec(id=TenantId("alder"), name="Alder", nation="WALES", setting="OTHER", number=0)
        StackState().with_tenant(alder).save(Layout(home=tmp_path, port_base=26_900))
        done = run_copied(tmp_path, *words)
        assert done.returncode == 3, done.stderr
        assert "Traceback" not in done.stderr
        assert "alongside " in done.stderr, done.stderr

    def test_doctor_says_so_too(self, tmp_path):
        """As a finding, with what mends it."""
        done = run_copied(tmp_path, "doctor", "-o", "json")
        assert done.returncode == 3
        assert '"mend": "alongside up"' in done.stdout


class TestImport:
    @pytest.mark.parametrize(
        ("report", "code"),
        [
            ({}, 0),
            ({"problems": [{"row": 3, "column": "gender", "sentence": "Correct it."}]}, 1),
            ({"state": "REFUSED", "why": "It has two columns of one name."}, 1),
            ({"state": "FAILED", "why": "Something went wrong here."}, 1),
        ],
    )
    def test_exit_code_and_what_is_shown(self, monkeypatch, tmp_path, capsys, report, code):
        """1 where the file was refused or a row has to be corrected; the ended consents are always told."""
        full = {"id": "i", "state": "DONE", "why": None, "counts": {"ACCEPTED": 2}, "consents_ended": 3, "problems": [],
                "problems_omitted": 0, "dropped_columns": ["column K"], "source": "casefile", **report}  # fmt: skip
        asked = []

        class Dpo:
            def upload(self, path, content, **parameters):
                asked.append(parameters)
                return {"id": "i"}

            def get(self, path):
                return full

        monkeypatch.setattr(importing, "host_client", lambda *_: Dpo())
        file = tmp_path / "export.csv"
        file.write_bytes(b"x")
        try:
            importing.import_file(file, "grove", source="casefile", known_rows="correct", exact_references=True)
            ended = 0
        except typer.Exit as stopped:
            ended = stopped.exit_code
        assert ended == code
        assert asked == [{"source": "casefile", "known_rows": "correct", "exact_references": True}]
        shown = capsys.readouterr().out
        assert "Consents ended by this file: 3" in shown
        assert "column K" in shown
        assert all(problem["sentence"] in shown for problem in full["problems"])


TOLD = {
    "hash": "ab" * 32, "rows": 3, "counts": {"CREATE": 2, "REFUSED": 1}, "possible_children": [7], "absent_count": 4,
    "unassigned": 2, "wordings": [{"code": "w1", "rows": 2}],
    "advice": [{"name": "Gender", "sentence": "This word is not in the list gender.", "rows": 1, "first_rows": [4]}],
    "yeses_that_will_not_count": [{"sentence": "The day is missing.", "rows": 1, "first_rows": [3]}],
}  # fmt: skip
PLANNED = {"id": "i", "state": "PLANNED", "plan_hash": "ab" * 32, "changed_rows": [5], "of": 3, "done": 3}


class TestPlans:
    """What ``alongside import plan`` and ``commit`` show, and how they end."""

    @pytest.fixture
    def lead(self, monkeypatch):
        """A data lead whose imports stand as the test says."""
        asked, states, told, planned = [], [], TOLD, PLANNED

        class Lead:
            def upload(self, path, content, **parameters):
                asked.append(parameters)
                return {"id": "i"}

            def post(self, path, body=None):
                asked.append((path, body))

            def get(self, path, **_):
                return told if path.endswith("/plan") else (states.pop(0) if states else planned)

        monkeypatch.setattr(importing, "host_client", lambda *_: Lead())
        return asked, states

    def test_a_plan_shows_what_it_will_do_and_how_to_commit_it(self, lead, tmp_path, capsys):
        """Exit code 1, since a row has to be mended; possible children are told as what they are."""
        file = tmp_path / "export.csv"
        file.write_bytes(b"x")
        with pytest.raises(typer.Exit) as ended:
            importing.plan(file, "grove", part=True)
        assert ended.value.exit_code == 1
        assert lead[0] == [{"mode": "plan", "is_part": True}]
        shown = capsys.readouterr().out
        for words in (
            "Speak with your safeguarding lead now",
            "Gender",
            "The day is missing",
            "w1",
            "commit i -t grove",
        ):
            assert words in shown
        assert max(map(len, shown.splitlines())) <= 80

    def test_a_commit_that_finds_changes_says_so_and_ends_with_1(self, lead, capsys):
        """The new plan is shown, and nothing was carried out."""
        with pytest.raises(typer.Exit) as ended:
            importing.commit("i", "grove")
        assert ended.value.exit_code == 1
        assert "Nothing was carried out" in capsys.readouterr().out

    def test_a_plan_that_is_not_the_one_looked_at_is_not_committed(self, lead, capsys):
        """Nothing is sent."""
        with pytest.raises(typer.Exit):
            importing.commit("i", "grove", of="cd")
        assert lead[0] == []
        assert "another plan by now" in capsys.readouterr().out


@pytest.mark.parametrize("what", ["a file", "a link that leads nowhere yet"])
def test_rows_to_mend_are_written_where_nothing_is_and_for_ones_own_eyes(monkeypatch, tmp_path, what):
    """They are personal data: others' files, and links to others' places, that turn up meanwhile get none of it."""
    place, elsewhere = tmp_path / "errors.csv", tmp_path / "elsewhere.csv"

    class Lead:
        meanwhile = False

        def download(self, _path):
            if self.meanwhile and what == "a file":
                place.write_bytes(b"")
            elif self.meanwhile:
                place.symlink_to(elsewhere)
            return b"SYN-1"

    monkeypatch.setattr(importing, "host_client", lambda *_: Lead())
    before = os.umask(0)
    try:
        importing.errors("i", "grove", place)
    finally:
        os.umask(before)
    assert (place.read_bytes(), place.stat().st_mode & 0o777) == (b"SYN-1", 0o600)

    place.unlink()
    monkeypatch.setattr(Lead, "meanwhile", True)
    with pytest.raises(typer.BadParameter, match="Name another one"):
        importing.errors("i", "grove", place)
    assert not elsewhere.exists()
    assert place.is_symlink() or place.read_bytes() == b""
