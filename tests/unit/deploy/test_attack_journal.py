"""What a run of the attackers keeps, so that a stopped one goes on."""

import pytest

from deploy.attack.journal import Found, Journal
from deploy.attack.scale import USUAL, WHOLE


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "table.csv").write_text("a,b\n", encoding="utf-8")
    return folder


def test_what_is_kept_is_found_again(tmp_path, data):
    """Part by part, as it was printed."""
    journal = Journal.of(tmp_path / "kept", USUAL, data)
    assert journal.found() == {}
    first, second = (Found(name=name, lines=("a line", "é"), sound=name == "one") for name in ("one", "two"))
    journal.keep(first)
    journal.keep(second)
    again = Journal.of(tmp_path / "kept", USUAL, data)
    assert again.found() == {"one": first, "two": second}
    again.forget()
    assert journal.found() == {}


def test_a_line_that_a_kill_cut_is_not_there_and_spoils_no_other(tmp_path):
    """The part is run again; those before and after it count."""
    path = tmp_path / "journal.jsonl"
    journal = Journal(path)
    before, after = (Found(name=name, lines=(), sound=True) for name in ("before", "after"))
    journal.keep(before)
    with path.open("a", encoding="utf-8") as file:
        file.write('\n{"name": "cut", "lin')
    journal.keep(after)
    assert journal.found() == {"before": before, "after": after}


def test_after_any_change_everything_is_run_again(tmp_path, data, monkeypatch):
    """Another table, another scale, another version of the solver: nothing that was found counts."""

    def found():
        return Journal.of(tmp_path / "kept", USUAL, data).found()

    Journal.of(tmp_path / "kept", USUAL, data).keep(Found(name="one", lines=(), sound=True))
    assert found()
    assert not Journal.of(tmp_path / "kept", WHOLE, data).found()
    monkeypatch.setattr("deploy.attack.journal.version", lambda _package: "0")
    assert not found()
    monkeypatch.undo()
    (data / "table.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    assert not found()


def test_wherever_project_and_tables_lie(tmp_path, data):
    """A copy of the tables is the same tables: what was found counts."""
    copy = tmp_path / "elsewhere"
    copy.mkdir()
    (copy / "table.csv").write_bytes((data / "table.csv").read_bytes())
    Journal.of(tmp_path / "kept", USUAL, data).keep(Found(name="one", lines=(), sound=True))
    assert Journal.of(tmp_path / "kept", USUAL, copy).found()


@pytest.mark.parametrize("name", ["rule.py", "plan.yaml", "countries.txt"])
def test_code_counts_too(tmp_path, data, monkeypatch, name):
    """A gate that was changed has not been attacked, nor a region to which another country belongs now."""
    code = tmp_path / "gate" / "data"
    code.mkdir(parents=True)
    (code / name).write_text("LIMIT = 4\n", encoding="utf-8")
    monkeypatch.setattr("deploy.attack.journal.PROJECT_ROOT", tmp_path)
    monkeypatch.setattr("deploy.attack.journal._CODE", ("gate",))
    Journal.of(tmp_path / "kept", USUAL, data).keep(Found(name="one", lines=(), sound=True))
    assert Journal.of(tmp_path / "kept", USUAL, data).found()
    (code / name).write_text("LIMIT = 3\n", encoding="utf-8")
    assert not Journal.of(tmp_path / "kept", USUAL, data).found()
