"""Checkpoints: what others signed is read, what we sign is read, and nothing that was altered is."""

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.transparency.log_key import LogKey, LogKeyFileError
from shared.transparency.notes import (
    ED25519,
    ML_DSA_44,
    Checkpoint,
    NoteRefusedError,
    VerifierKey,
    VerifierKeyError,
    read_checkpoint,
)

KEY = LogKey(ed25519=bytes(range(32)), ml_dsa_44=bytes(range(32, 64)))
ORIGIN = "alongside/alder/audit"
SAID = Checkpoint(origin=ORIGIN, size=12, root=b"\7" * 32, at=datetime(2026, 11, 27, 18, tzinfo=UTC))
NOTE = KEY.sign(SAID)
PUBLIC = KEY.public(ORIGIN)

GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
"""The example of golang.org/x/mod/sumdb/note, which the format comes from."""


class TestForms:
    def test_a_key_and_a_signature_that_others_made_fit(self):
        """Key line, key id, signature and text are spelt as in the public example."""
        key = VerifierKey.parse(GO_KEY)
        assert (key.name, key.kind, key.line) == ("PeterNeumann", ED25519, GO_KEY)
        text, _, line = GO_NOTE.rpartition("\n\n")
        content = base64.b64decode(line.split(" ")[2])
        assert content[:4] == key.id
        Ed25519PublicKey.from_public_bytes(key.public).verify(content[4:], f"{text}\n".encode())

    def test_a_checkpoint_has_three_lines_and_two_signatures(self):
        """Origin, size, root; an empty line; one line a signature."""
        lines = NOTE.split("\n")
        assert lines[:4] == [ORIGIN, "12", base64.b64encode(b"\7" * 32).decode(), ""]
        assert [line.split(" ")[:2] for line in lines[4:6]] == [["—", ORIGIN]] * 2
        assert [len(base64.b64decode(line.split(" ")[2])) for line in lines[4:6]] == [4 + 64, 4 + 8 + 2420]
        assert lines[6:] == [""]

    def test_a_key_reads_back_from_its_line(self):
        """Both kinds."""
        assert [one.kind for one in PUBLIC] == [ED25519, ML_DSA_44]
        assert tuple(VerifierKey.parse(one.line + "\n") for one in PUBLIC) == PUBLIC

    @pytest.mark.parametrize(
        "line",
        [
            "", "x", "x+00000000+", "x+00000000+AQ==", GO_KEY[:-4], GO_KEY.replace("c74f", "c74e"), "+" + GO_KEY, GO_KEY + "!",
            GO_KEY.replace("+ARp", "+BRp"),
        ],
    )  # fmt: skip
    def test_what_is_no_key_is_refused(self, line):
        """A changed digit, a cut key, another kind."""
        with pytest.raises(VerifierKeyError):
            VerifierKey.parse(line)


class TestReading:
    def test_what_was_signed_is_read(self):
        """Origin, size, root and time; signatures of others beside ours change nothing."""
        assert read_checkpoint(NOTE, PUBLIC) == SAID
        other = LogKey.draw().sign(SAID).rpartition("\n\n")[2]
        assert read_checkpoint(NOTE + other, PUBLIC) == SAID

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda note: note.replace("\n12\n", "\n13\n"),
            lambda note: note.replace("\n12\n", "\n012\n"),
            lambda note: note.replace("\n12\n", "\n-1\n"),
            lambda note: note.replace("\n12\n", f"\n{'9' * 5000}\n"),
            lambda note: note.replace("alder/audit\n12", "birch/audit\n12"),
            lambda note: note.replace("BwcHBwcH", "BwcHBwcI", 1),
            lambda note: note.replace("\n\n", "\nmore\n\n"),
            lambda note: "\n".join(note.split("\n")[:5]) + "\n",
            lambda note: "\n".join([*note.split("\n")[:4], *note.split("\n")[5:]]),
            lambda note: note.partition("\n\n")[0],
            lambda note: note + "— broken\n",
            lambda note: note + "x" * 200_000,
            lambda note: "",
        ],
        ids=[
            "size", "leading zero", "negative", "endless", "origin", "root", "more text", "no time", "no Ed25519", "unsigned",
            "a broken line", "endless note", "nothing",
        ],
    )  # fmt: skip
    def test_nothing_altered_is_believed(self, spoil):
        """Each part is under both signatures, and both must be there."""
        with pytest.raises(NoteRefusedError):
            read_checkpoint(spoil(NOTE), PUBLIC)

    def test_another_time_is_another_statement(self):
        """Nobody dates a checkpoint back, or says that an old one is of today."""
        later = KEY.sign(replace(SAID, at=SAID.at + timedelta(days=1)))
        first, second = (note.rpartition("\n\n")[2].splitlines() for note in (NOTE, later))
        signature = bytearray(base64.b64decode(first[1].split(" ")[2]))
        signature[4:12] = base64.b64decode(second[1].split(" ")[2])[4:12]
        forged = NOTE.replace(first[1], f"— {ORIGIN} {base64.b64encode(bytes(signature)).decode()}")
        with pytest.raises(NoteRefusedError):
            read_checkpoint(forged, PUBLIC)

    def test_another_key_is_not_believed(self):
        """Neither of another log nor a new one of the same; the name alone is worth nothing."""
        for key in (LogKey.draw(), replace(KEY, ed25519=bytes(32)), replace(KEY, ml_dsa_44=bytes(32))):
            with pytest.raises(NoteRefusedError):
                read_checkpoint(key.sign(SAID), PUBLIC)

    @settings(max_examples=60)
    @given(st.integers(0, len(NOTE.encode()) - 1), st.integers(1, 255))
    def test_no_byte_can_be_flipped(self, at, by):
        """Anywhere in the whole note."""
        spoilt = bytearray(NOTE.encode())
        spoilt[at] ^= by
        try:
            text = spoilt.decode()
        except UnicodeDecodeError:
            return
        with pytest.raises(NoteRefusedError):
            read_checkpoint(text, PUBLIC)


class TestKeyFile:
    def test_a_drawn_key_is_read_back(self, tmp_path):
        """And says nothing of itself where it is printed."""
        file, key = tmp_path / "log.key", LogKey.draw()
        file.write_text(key.text)
        file.chmod(0o600)
        assert LogKey.load(file) == key
        assert key.ed25519.hex() not in repr(key)
        assert key.ml_dsa_44.hex() not in repr(key)

    @pytest.mark.parametrize(
        "content", ["", "ed25519 00\nml-dsa-44 00\n", "ed25519 " + "0" * 64 + "\n", "x\n", "a b c\n"]
    )
    def test_what_is_no_key_is_refused(self, tmp_path, content):
        """And the file's content is not said."""
        file = tmp_path / "log.key"
        file.write_text(content)
        file.chmod(0o600)
        with pytest.raises(LogKeyFileError, match="is not the key of a log"):
            LogKey.load(file)

    def test_a_key_that_others_may_read_is_refused(self, tmp_path):
        """And one that is not there."""
        file = tmp_path / "log.key"
        with pytest.raises(LogKeyFileError, match=r"does not exist\. Restore it"):
            LogKey.load(file)
        with pytest.raises(LogKeyFileError, match=r"cannot be read|may be read"):
            LogKey.load(tmp_path)
        file.write_text(KEY.text)
        file.chmod(0o644)
        with pytest.raises(LogKeyFileError, match="may be read by other users"):
            LogKey.load(file)
