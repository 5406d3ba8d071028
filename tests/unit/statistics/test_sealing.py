"""What is sealed opens with its key in its place and nowhere else, and its size says nothing of what it counts."""

import os
import stat

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.keys import sealing
from shared.keys.sealing import (
    PADDING_BLOCK,
    SealedForAnotherError,
    ServerKey,
    TaskKey,
    TaskKeyFileError,
    WrongPublicKeyError,
)

KEY, OTHER = ServerKey.generate(), ServerKey.generate()
PLACE = b"task|2026|alder|r1"


class TestTravelling:
    @given(st.binary(max_size=9_000))
    @settings(max_examples=30)
    def test_opens_with_key_and_place(self, content):
        """Whatever was sealed comes back, padding gone."""
        assert KEY.open_sealed(sealing.seal(KEY.public_bytes, content, PLACE), PLACE) == content

    @pytest.mark.parametrize("key", [KEY, OTHER], ids=["right-key", "other-key"])
    @pytest.mark.parametrize("place", [PLACE, PLACE + b" ", b"", b"task|2026|birch|r1"])
    def test_opens_with_both_or_not_at_all(self, key, place):
        """The key alone and the place alone open nothing."""
        sealed = sealing.seal(KEY.public_bytes, b"seed", PLACE)
        if key is KEY and place == PLACE:
            assert key.open_sealed(sealed, place) == b"seed"
        else:
            with pytest.raises(SealedForAnotherError):
                key.open_sealed(sealed, place)

    @given(st.integers(0, 4_000), st.integers(0, 7))
    @settings(max_examples=60)
    def test_any_flipped_bit_is_seen(self, byte, bit):
        """What was altered on the way does not open."""
        sealed = bytearray(sealing.seal(KEY.public_bytes, b"seed", PLACE))
        sealed[byte] ^= 1 << bit
        with pytest.raises(SealedForAnotherError):
            KEY.open_sealed(bytes(sealed), PLACE)

    @pytest.mark.parametrize("length", [0, 1, 31, 32, 47])
    def test_what_is_too_short_does_not_open(self, length):
        """A truncated message is refused like any other, never an unexpected error."""
        with pytest.raises(SealedForAnotherError):
            KEY.open_sealed(bytes(length), PLACE)

    def test_never_twice_the_same_bytes(self):
        """Equal contents cannot be told from unequal ones."""
        assert sealing.seal(KEY.public_bytes, b"0", PLACE) != sealing.seal(KEY.public_bytes, b"0", PLACE)

    @pytest.mark.parametrize("public", [bytes(32), b"", bytes(31), b"\x01" + bytes(31)])
    def test_an_unusable_public_key_is_refused(self, public):
        """A low-order point or a wrong length would seal to everybody."""
        with pytest.raises(WrongPublicKeyError):
            sealing.seal(public, b"seed", PLACE)

    @pytest.mark.parametrize("text", ["!", "AAA", "AA AA", "\u00e9"])
    def test_what_is_not_base64_is_refused(self, text):
        """A message field that is no base64 is sealed for nobody."""
        with pytest.raises(SealedForAnotherError):
            sealing.from_text(text)

    @given(st.binary(max_size=100))
    def test_text_round_trip(self, content):
        """A message carries the bytes unchanged."""
        assert sealing.from_text(sealing.to_text(content)) == content


class TestPadding:
    def test_sizes_move_in_whole_blocks(self):
        """From nothing to a full block the size is one; the next byte adds exactly one block."""

        def size(length):
            return len(sealing.seal(KEY.public_bytes, bytes(length), PLACE))

        sizes = {size(length) for length in (0, 1, 32, 400, PADDING_BLOCK - 4)}
        assert len(sizes) == 1
        assert size(PADDING_BLOCK - 3) == sizes.pop() + PADDING_BLOCK

    def test_a_share_and_a_seed_are_equally_long(self):
        """A size does not even say which half it is."""
        share = np.zeros(60, dtype=np.uint32).tobytes()
        halves = [sealing.seal(KEY.public_bytes, content, PLACE) for content in (share, bytes(32))]
        assert len(halves[0]) == len(halves[1])


class TestFiles:
    def test_a_second_draw_is_refused(self, tmp_path):
        """A task has one key: what stands in the file stays, and no draft is left."""
        path = tmp_path / "tasks" / "t.coin"
        first = TaskKey.generate()
        first.save(path)
        with pytest.raises(TaskKeyFileError, match="exists already"):
            TaskKey.generate().save(path)
        assert TaskKey.load(path) == first
        assert [p.name for p in path.parent.iterdir()] == ["t.coin"]

    def test_only_the_owner_reads(self, tmp_path):
        """File 0600 in a folder 0700; a file that others may read is refused."""
        path = tmp_path / "tasks" / "t.server"
        TaskKey.generate().save(path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        for mode in (0o640, 0o604, 0o660):
            os.chmod(path, mode)
            with pytest.raises(TaskKeyFileError, match="0600"):
                TaskKey.load(path)

    def test_destroying_may_be_repeated_and_ends_the_key(self, tmp_path):
        """An interrupted end is done again; nothing opens afterwards, and an abandoned draft goes too."""
        path = tmp_path / "t.server"
        ServerKey.generate().save(path)
        (tmp_path / "t.server.new").write_bytes(bytes(32))
        for _ in range(2):
            TaskKey.destroy(path)
        assert list(tmp_path.iterdir()) == []
        with pytest.raises(TaskKeyFileError, match="does not exist"):
            TaskKey.load(path)
        TaskKey.destroy(tmp_path / "never" / "made")

    def test_destroying_overwrites_first(self, tmp_path):
        """Whoever still holds the file by another name finds other bytes."""
        path, held = tmp_path / "t.server", tmp_path / "held"
        key = TaskKey.generate()
        key.save(path)
        os.link(path, held)
        TaskKey.destroy(path)
        assert held.read_bytes() != key.secret

    @pytest.mark.parametrize("content", [b"", bytes(31), bytes(33)])
    def test_a_damaged_file_is_refused(self, tmp_path, content):
        """32 bytes or nothing."""
        path = tmp_path / "t.server"
        path.write_bytes(content)
        path.chmod(0o600)
        with pytest.raises(TaskKeyFileError, match="damaged"):
            TaskKey.load(path)

    def test_a_draft_of_a_dead_process_does_not_stand_in_the_way(self, tmp_path):
        """A key whose saving was interrupted is drawn anew, since nobody has seen it."""
        (tmp_path / "t.coin.new").write_bytes(b"half")
        key = TaskKey.generate()
        key.save(tmp_path / "t.coin")
        assert TaskKey.load(tmp_path / "t.coin") == key

    def test_secrets_are_not_printed(self):
        """No log or traceback shows a key."""
        key = TaskKey.generate()
        assert key.secret.hex() not in repr(key)
        assert repr(key.secret) not in repr(key)
