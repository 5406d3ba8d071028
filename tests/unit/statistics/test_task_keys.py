"""Each server's keys for one task: drawn once, loaded by a repeat, gone at the end."""

import hashlib

import pytest

from shared.keys import sealing
from shared.keys.sealing import TaskKeyFileError
from shared.keys.task_keys import TaskKeys


@pytest.fixture
def keys(tmp_path):
    return TaskKeys(folder=tmp_path / "tasks", task_id="t1")


def test_a_repeat_loads_what_an_earlier_run_made(keys):
    """Asking again, also after a restart, gives the same keys."""
    again = TaskKeys(folder=keys.folder, task_id="t1")
    assert keys.server_key() == again.server_key()
    assert keys.coin_key() == again.coin_key()
    assert keys.server_key().secret != keys.coin_key().secret


def test_two_tasks_share_nothing(keys):
    """Another task has other keys, and ending one leaves the other."""
    other = TaskKeys(folder=keys.folder, task_id="t2")
    assert other.server_key().public_bytes != keys.server_key().public_bytes
    kept = other.coin_key()
    keys.coin_key()
    keys.destroy()
    assert other.coin_key() == kept


def test_the_commitment_is_of_the_coin_key(keys):
    """The signed task's hash fixes the one coin key."""
    assert keys.coin_key().commitment == hashlib.sha256(keys.coin_key().secret).hexdigest()


def test_there_is_no_second_draw(keys):
    """A coin key that is not the one of the signed terms is refused, lost or changed: a second one could be chosen."""
    fixed = keys.coin_key().commitment
    assert keys.existing_coin_key(fixed).commitment == fixed
    keys.destroy()
    with pytest.raises(TaskKeyFileError):
        keys.existing_coin_key(fixed)
    keys.coin_key()
    with pytest.raises(TaskKeyFileError, match="not the coin key"):
        keys.existing_coin_key(fixed)


def test_nothing_opens_after_the_end(keys):
    """After destroying, twice or once, what was sealed to the task stays closed; no key is made in passing."""
    sealed = sealing.seal(keys.server_key().public_bytes, b"seed", b"place")
    assert keys.existing_server_key().open_sealed(sealed, b"place") == b"seed"
    keys.coin_key()
    keys.destroy()
    keys.destroy()
    with pytest.raises(TaskKeyFileError):
        keys.existing_server_key()
    assert list(keys.folder.iterdir()) == []


def test_destroying_before_anything_was_made_is_done(keys):
    """A task that ended before its first key has nothing to end."""
    keys.destroy()
    assert not keys.folder.exists()
