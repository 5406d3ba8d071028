"""Keys that are made beforehand, used once and destroyed."""

import stat

import pytest

from shared.keys.sealing import TaskKeyFileError
from shared.keys.spare_keys import SpareKeys


def test_a_key_is_made_found_and_destroyed(tmp_path):
    """32 bytes under a name that nobody had; afterwards it is given to nobody."""
    keys = SpareKeys(tmp_path / "uploads")
    first, second = keys.make(), keys.make()
    assert keys.names() == {first, second}
    assert keys.load(first) != keys.load(second)
    assert len(keys.load(first)) == 32
    assert keys.destroy(first)
    assert keys.load(first) is None
    assert keys.names() == {second}
    assert keys.destroy(first), "an interrupted end may be repeated"


def test_nobody_else_may_read_them(tmp_path):
    """The folder is the owner's alone, and so is each file; one that others may read is refused."""
    folder = tmp_path / "uploads"
    keys = SpareKeys(folder)
    path = folder / f"{keys.make()}.spare"
    assert (stat.S_IMODE(folder.stat().st_mode), stat.S_IMODE(path.stat().st_mode)) == (0o700, 0o600)
    path.chmod(0o640)
    with pytest.raises(TaskKeyFileError):
        keys.load(path.stem)


def test_where_nothing_can_be_written_nothing_breaks(tmp_path):
    """A folder that cannot be made: no key, no fault, and nothing to destroy."""
    (tmp_path / "a-file").write_bytes(b"")
    keys = SpareKeys(tmp_path / "a-file" / "uploads")
    assert keys.make() is None
    assert keys.names() == frozenset()
    assert keys.load("any") is None


def test_a_key_that_cannot_be_destroyed_is_said_to_be_there(tmp_path, monkeypatch):
    """So its owner goes on owning it."""
    keys = SpareKeys(tmp_path)
    name = keys.make()

    def refused(*_arguments):
        raise PermissionError

    monkeypatch.setattr("shared.keys.spare_keys.destroy_secret", refused)
    assert not keys.destroy(name)
    assert keys.load(name) is not None
