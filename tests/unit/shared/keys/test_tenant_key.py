import json
import subprocess
import sys
from pathlib import Path

import pytest

from shared.kernel.tenancy import TenantId
from shared.keys.escrow import EscrowIsNewerError, FileEscrowSlot
from shared.keys.key_file import TenantKeyFileError
from shared.keys.tenant_key import (
    BLIND_INDEX,
    IDEMPOTENCY_FINGERPRINT,
    GenerationMovedError,
    TenantKeyFile,
    UnknownGenerationError,
    WrappedKey,
    WrongTenantKeyError,
)

HARBOUR = TenantId("harbour")
DEK = bytes(range(32))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "tenant.key"


@pytest.fixture
def key(path):
    return TenantKeyFile.create(path, HARBOUR)


def rotate(key: TenantKeyFile, expected: int) -> None:
    key.prepare_next(expected=expected)
    key.switch(expected=expected)


class TestTheFile:
    def test_only_its_owner_may_read_it(self, key, path):
        """Neither the file nor its folder opens to others."""
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.parent.stat().st_mode & 0o077 == 0

    def test_a_loaded_key_is_the_created_one(self, key, path):
        """Two processes with one file open each other's rows."""
        assert TenantKeyFile.load(path, HARBOUR).unwrap(key.wrap(DEK)) == DEK

    def test_creating_never_overwrites(self, key, path):
        """A second key would make the first one's data unreadable."""
        before = path.read_bytes()

        with pytest.raises(TenantKeyFileError, match="exists already"):
            TenantKeyFile.create(path, HARBOUR)

        assert path.read_bytes() == before

    def test_refuses_a_file_that_others_may_read(self, key, path):
        """A key that others can read is no key."""
        path.chmod(0o640)

        with pytest.raises(TenantKeyFileError, match="0600"):
            TenantKeyFile.load(path, HARBOUR)

    def test_refuses_another_tenants_file(self, key, path):
        """One tenant's process never works with another's key."""
        with pytest.raises(TenantKeyFileError, match="another tenant"):
            TenantKeyFile.load(path, TenantId("haven"))

    def test_refuses_a_missing_file(self, path):
        """No key is ever made up silently."""
        with pytest.raises(TenantKeyFileError, match="does not exist"):
            TenantKeyFile.load(path, HARBOUR)

    @pytest.mark.parametrize(
        "damage",
        [
            lambda stored: {**stored, "generation": 7},
            lambda stored: {**stored, "wrapping": {"1": "c2hvcnQ="}},
            lambda stored: {k: v for k, v in stored.items() if k != "derivation"},
            lambda _: [],
        ],
    )
    def test_refuses_a_damaged_file_without_quoting_it(self, key, path, damage):
        """An error about the key shows no part of it, not even by its cause."""
        stored = json.loads(path.read_bytes())
        path.write_text(json.dumps(damage(stored)), encoding="utf-8")

        with pytest.raises(TenantKeyFileError, match="damaged") as caught:
            TenantKeyFile.load(path, HARBOUR)

        assert stored["derivation"] not in str(caught.value)
        assert caught.value.__suppress_context__ or caught.value.__context__ is None

    def test_its_text_form_shows_no_secret(self, key):
        """A key ring in a traceback or debugger is closed."""
        assert "generations=[1]" in repr(key._ring)
        assert repr(key._ring.derivation) not in repr(key._ring)

    def test_a_killed_writer_leaves_the_old_file_and_the_next_writer_cleans_up(self, key, path):
        """A draft left by a crash may hold an old key; no such copy outlives the next change."""
        wrapped = key.wrap(DEK)
        program = (
            "import os,sys; from pathlib import Path; from shared.keys import key_file\n"
            "key_file._sync_folder = lambda folder: None\n"
            "Path.replace = lambda *a: os._exit(9)\n"
            "from shared.keys.tenant_key import TenantKeyFile\n"
            "TenantKeyFile.load(Path(sys.argv[1]), 'harbour').prepare_next(expected=1)"
        )
        killed = subprocess.run([sys.executable, "-c", program, str(path)], check=False, cwd=Path.cwd())

        assert killed.returncode == 9
        assert (path.parent / "tenant.key.new").exists()
        assert key.unwrap(wrapped) == DEK
        rotate(key, 1)
        key.destroy_before(2)
        assert sorted(file.name for file in path.parent.iterdir()) == ["tenant.key", "tenant.key.lock"]


class TestWrapping:
    def test_refuses_another_copys_rows(self, key, tmp_path):
        """A row of another tenant or copy does not open, and says so."""
        other = TenantKeyFile.create(tmp_path / "other.key", HARBOUR)

        with pytest.raises(WrongTenantKeyError):
            other.unwrap(key.wrap(DEK))

    def test_a_prepared_generation_wraps_nothing_yet(self, key):
        """Nothing depends on a new key before it is in escrow."""
        key.prepare_next(expected=1)

        assert key.wrap(DEK).generation == 1

    def test_another_process_notices_the_switch_at_once(self, key, path):
        """A rotation needs no message."""
        other = TenantKeyFile.load(path, HARBOUR)
        old = other.wrap(DEK)

        rotate(key, 1)

        assert other.generation == 2
        assert other.unwrap(old) == DEK
        assert other.unwrap(key.wrap(DEK)) == DEK

    def test_a_destroyed_generation_opens_nowhere(self, key, path):
        """After an erasure the old rows, wherever copied, stay closed."""
        other = TenantKeyFile.load(path, HARBOUR)
        old = other.wrap(DEK)
        rotate(key, 1)

        key.destroy_before(2)

        for process in (key, other, TenantKeyFile.load(path, HARBOUR)):
            with pytest.raises(UnknownGenerationError):
                process.unwrap(old)
        assert len(json.loads(path.read_bytes())["wrapping"]) == 1

    def test_each_change_may_be_repeated(self, key, path):
        """A crash after a step and before its record does the step twice."""
        key.prepare_next(expected=1)
        once = path.read_bytes()
        key.prepare_next(expected=1)
        assert path.read_bytes() == once
        key.switch(expected=1)
        key.switch(expected=1)
        key.prepare_next(expected=1)
        key.destroy_before(2)
        key.destroy_before(2)
        assert key.generation == 2

    def test_a_late_process_cannot_switch_back(self, key):
        """A switch that slept through another one is refused (compare-and-set)."""
        rotate(key, 1)
        rotate(key, 2)

        with pytest.raises(GenerationMovedError):
            key.switch(expected=1)
        with pytest.raises(GenerationMovedError):
            key.prepare_next(expected=1)

    def test_the_newest_generation_cannot_be_destroyed(self, key):
        """No call leaves a tenant without a key."""
        wrapped = key.wrap(DEK)

        key.destroy_before(99)

        assert key.unwrap(wrapped) == DEK

    def test_switching_needs_a_prepared_key(self, key):
        """The switch never invents a key that escrow has not seen."""
        with pytest.raises(UnknownGenerationError):
            key.switch(expected=1)

    def test_unknown_generations_are_named(self, key):
        """The error says which generation is missing."""
        with pytest.raises(UnknownGenerationError, match="Generation 5"):
            key.unwrap(WrappedKey(generation=5, data=bytes(40)))


class TestSubkey:
    def test_purposes_are_apart_and_stable(self, key, path):
        """Each purpose has its own key, the same in every process."""
        assert key.subkey(BLIND_INDEX) != key.subkey(IDEMPOTENCY_FINGERPRINT)
        assert key.subkey(BLIND_INDEX) == TenantKeyFile.load(path, HARBOUR).subkey(BLIND_INDEX)
        assert len(key.subkey(BLIND_INDEX)) == 32

    def test_an_erasure_leaves_them_alone(self, key):
        """Blind indexes and fingerprints of everybody else stay valid after an erasure."""
        before = key.subkey(BLIND_INDEX)
        rotate(key, 1)
        key.destroy_before(2)

        assert key.subkey(BLIND_INDEX) == before


class TestFileEscrowSlot:
    def test_keeps_one_sealed_copy_and_refuses_an_older_one(self, tmp_path):
        """The old key cannot come back into the slot."""
        slot = FileEscrowSlot(tmp_path / "slot", seal=lambda content: content[::-1])
        assert slot.version() == 0

        slot.replace(version=4, content=b"both")
        slot.replace(version=5, content=b"new")
        slot.replace(version=5, content=b"new")

        with pytest.raises(EscrowIsNewerError):
            slot.replace(version=4, content=b"both")
        assert slot.sealed_copy() == b"wen"
        assert (tmp_path / "slot").stat().st_mode & 0o777 == 0o600
