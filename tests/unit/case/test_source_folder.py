"""A folder into which others put files: what is complete, what is opened, and where it goes."""

import os
import stat
from datetime import UTC, datetime

import pytest

from services.case.imports.rules.spreadsheets import MAX_SPREADSHEET_BYTES
from services.case.sources.adapters import folder as adapter
from services.case.sources.adapters.folder import (
    MOST_ENTRIES,
    REFUSED,
    TAKEN,
    DropFolder,
    FileRefusedError,
    StillChangingError,
    open_folder,
)
from services.case.sources.adapters.looks import Looks
from services.case.sources.rules.faults import SourceFaultError

AT = datetime(2026, 11, 27, 12, tzinfo=UTC)


@pytest.fixture
def inbox(tmp_path):
    path = tmp_path / "drop"
    path.mkdir()
    return path


def read(path, name):
    with open_folder(path) as folder, folder.opened(name) as file:
        return file.read()


class TestComplete:
    def looks(self, path, looks):
        with open_folder(path) as folder:
            return looks.complete(folder)[0]

    def test_only_what_stands_still_between_two_looks(self, inbox):
        """A file that grows, or is replaced, begins anew."""
        looks = Looks(apart_s=0.0)
        (inbox / "a.csv").write_text("one")
        assert self.looks(inbox, looks) == []
        with (inbox / "a.csv").open("a") as file:
            file.write("two")
        assert self.looks(inbox, looks) == []
        assert self.looks(inbox, looks) == ["a.csv"]
        (inbox / "b.csv").write_text("onetwo")
        about = (inbox / "a.csv").stat()
        os.utime(inbox / "b.csv", ns=(about.st_atime_ns, about.st_mtime_ns))
        (inbox / "b.csv").replace(inbox / "a.csv")
        assert self.looks(inbox, looks) == []

    def test_two_looks_have_to_lie_apart(self, inbox):
        """However often somebody looks."""
        looks = Looks(apart_s=3600.0)
        (inbox / "a.csv").write_text("one")
        assert [self.looks(inbox, looks) for _ in range(3)] == [[], [], []]

    def test_a_mark_says_that_it_is_complete(self, inbox):
        """At the first look; a mark that is a link says nothing."""
        for name in ("a.csv", "b.csv"):
            (inbox / name).write_text("one")
        (inbox / "a.csv.done").touch()
        (inbox / "b.csv.done").symlink_to(inbox / "a.csv.done")
        assert self.looks(inbox, Looks()) == ["a.csv"]

    def test_the_oldest_comes_first_and_what_is_on_its_way_not_at_all(self, inbox):
        """Nor hidden files, nor what we moved aside."""
        for number, name in enumerate(["b.csv", "a.csv", ".c.csv", "d.csv.part", "e.tmp", "a.csv.done", "b.csv.done"]):
            (inbox / name).write_text("one")
            os.utime(inbox / name, ns=(0, number))
        assert self.looks(inbox, Looks()) == ["b.csv", "a.csv"]

    def test_what_cannot_be_moved_aside_is_left_until_it_changes(self, inbox):
        """Else it would be read again at each look."""
        looks = Looks(apart_s=0.0)
        (inbox / "a.csv").write_text("one")
        assert [self.looks(inbox, looks) for _ in range(2)] == [[], ["a.csv"]]
        looks.leave("a.csv")
        assert (self.looks(inbox, looks), looks.leaves) == ([], True)
        (inbox / "a.csv").write_text("another")
        assert [self.looks(inbox, looks) for _ in range(2)] == [[], ["a.csv"]]
        assert not looks.leaves

    def test_a_folder_with_too_much_says_so(self, inbox):
        """A bound on every look."""
        for number in range(MOST_ENTRIES + 1):
            (inbox / f"{number}.csv").touch()
        with open_folder(inbox) as folder:
            _, more = Looks().complete(folder)
        assert more


class TestOpened:
    def test_a_plain_file(self, inbox):
        """As it stands."""
        (inbox / "a.csv").write_text("one")
        assert read(inbox, "a.csv") == b"one"

    @pytest.mark.parametrize("kind", ["link", "hard link", "folder", "pipe", "socket", "no suffix", "program", "empty"])
    def test_whatever_else_is_refused(self, inbox, tmp_path, kind):
        """A link to the keys is not followed, a pipe does not hold us up."""
        secret = tmp_path / "secret.csv"
        secret.write_text("key")
        name = "a.csv"
        if kind == "link":
            (inbox / name).symlink_to(secret)
        elif kind == "hard link":
            (inbox / name).hardlink_to(secret)
        elif kind == "folder":
            (inbox / name).mkdir()
        elif kind == "pipe":
            os.mkfifo(inbox / name)
        elif kind == "socket":
            os.mknod(inbox / name, stat.S_IFSOCK | 0o600)
        else:
            name = {"no suffix": "a", "program": "a.exe", "empty": "a.csv"}[kind]
            (inbox / name).write_text("" if kind == "empty" else "one")
        with pytest.raises(FileRefusedError) as error:
            read(inbox, name)
        assert "key" not in str(error.value)

    def test_too_large_is_refused_unread(self, inbox):
        """By its kind."""
        with (inbox / "a.xlsx").open("wb") as file:
            file.truncate(MAX_SPREADSHEET_BYTES + 1)
        with pytest.raises(FileRefusedError, match="25 MB"):
            read(inbox, "a.xlsx")

    @pytest.mark.parametrize("change", ["grown", "replaced", "gone"])
    def test_what_changes_while_it_is_read_is_looked_at_again(self, inbox, change):
        """Half of it and half of another is nobody's file."""
        file, other = inbox / "a.csv", inbox / "b.csv"
        file.write_text("one")
        other.write_text("two")
        changes = {
            "grown": lambda: file.write_text("more"),
            "replaced": lambda: other.replace(file),
            "gone": file.unlink,
        }

        def read_and_change():
            with open_folder(inbox) as folder, folder.opened("a.csv") as opened:
                opened.read()
                changes[change]()

        with pytest.raises(StillChangingError):
            read_and_change()


class TestMoved:
    def test_aside_with_its_mark_and_a_name_of_its_own(self, inbox):
        """Nothing strange in it."""
        (inbox / "jan <x>.csv").write_text("one")
        (inbox / "jan <x>.csv.done").touch()
        with open_folder(inbox) as folder:
            shown = folder.move("jan <x>.csv", TAKEN, at=AT, tag="abc", seen=folder.seen("jan <x>.csv"))
        assert shown == "20261127T120000Z-abc-jan__x_.csv"
        assert sorted(path.name for path in inbox.iterdir()) == [REFUSED, TAKEN]
        assert (inbox / TAKEN / shown).read_text() == "one"

    def test_what_took_its_place_stays(self, inbox):
        """It has its own turn."""
        (inbox / "a.csv").write_text("one")
        with open_folder(inbox) as folder:
            seen = folder.seen("a.csv")
            (inbox / "b.csv").write_text("two")
            (inbox / "b.csv").replace(inbox / "a.csv")
            assert folder.move("a.csv", TAKEN, at=AT, tag="abc", seen=seen) is None
        assert (inbox / "a.csv").read_text() == "two"
        assert list((inbox / TAKEN).iterdir()) == []

    def test_what_was_written_on_stays(self, inbox):
        """What was added after it was read was read by nobody."""
        (inbox / "a.csv").write_text("one")
        with open_folder(inbox) as folder:
            seen = folder.seen("a.csv")
            with (inbox / "a.csv").open("a") as file:
                file.write("two")
            assert folder.move("a.csv", TAKEN, at=AT, tag="abc", seen=seen) is None
        assert (inbox / "a.csv").read_text() == "onetwo"
        assert list((inbox / TAKEN).iterdir()) == []

    def test_what_cannot_be_moved_is_a_fault_of_the_folder(self, inbox):
        """Whatever the system says, it has a code and a cure; here what it would go to is no folder."""
        (inbox / "a.csv").write_text("one")
        itself = os.open(inbox, os.O_RDONLY)
        try:
            with (inbox / "a.csv").open() as none:
                folder = DropFolder(itself, none.fileno(), none.fileno())
                with pytest.raises(SourceFaultError, match="FOLDER_MISSING"):
                    folder.move("a.csv", TAKEN, at=AT, tag="abc")
                with pytest.raises(SourceFaultError, match="FOLDER_MISSING"):
                    folder.explain("a.csv", "Why.")
        finally:
            os.close(itself)
        assert (inbox / "a.csv").read_text() == "one"

    def test_a_reason_stands_beside_it(self, inbox):
        """A link goes aside as a link; what it leads to is not touched."""
        (inbox / "a.csv").symlink_to("/etc/passwd")
        with open_folder(inbox) as folder:
            shown = folder.move("a.csv", REFUSED, at=AT, tag="abc")
            folder.explain(shown, "Why.")
        assert (inbox / REFUSED / f"{shown}.reason.txt").read_text() == "Why.\n"
        assert (inbox / REFUSED / shown).is_symlink()


@pytest.mark.parametrize("broken", ["missing", "link", "file", "taken leads away"])
def test_a_folder_that_is_none(inbox, tmp_path, broken):
    """Nothing is written through a link, wherever it leads."""
    path = inbox
    if broken == "missing":
        path = tmp_path / "other"
    elif broken == "link":
        path = tmp_path / "other"
        path.symlink_to(inbox)
    elif broken == "file":
        path = tmp_path / "other"
        path.write_text("")
    else:
        (tmp_path / "elsewhere").mkdir()
        (inbox / TAKEN).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SourceFaultError) as error, open_folder(path):
        pass
    assert error.value.code == "FOLDER_MISSING"
    assert adapter.TAKEN not in {one.name for one in tmp_path.iterdir()}
