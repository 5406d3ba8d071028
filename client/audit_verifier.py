"""Verifies an exported audit log of Alongside, or the proof of one entry, with the log's public keys alone.

This one file is enough: it needs Python 3.11 and the library ``cryptography``, and nothing of Alongside, of its
database or of the network. It shares no code with what made the log. Formats: RFC 9162 (tree), C2SP signed-note,
tlog-checkpoint, tlog-cosignature (ML-DSA-44), tlog-tiles (folder of the export) and tlog-proof. Over 250 lines because
whoever does not trust us reads all of it, and has nothing else to look for.

    python audit_verifier.py log FOLDER --keys KEYS [--earlier CHECKPOINT]
    python audit_verifier.py proof FILE --keys KEYS

KEYS is a file with the log's two lines of keys, which you were given at the beginning, over a way that you trust: never
take them from the export. CHECKPOINT is one that you kept: the log must begin with what it signed. The exit code is 0
where everything fits, 1 where something does not, 2 where nothing could be read.

What a verified log shows: these entries, in this order, were signed as one log at that time, and none was changed,
taken out, put in or moved since the earlier checkpoint. What it cannot show: that whoever did something reported it, or
what was there before the first checkpoint that somebody kept. Shown by tests/unit/client/test_audit_verifier.py.
"""

import argparse
import base64
import binascii
import hashlib
import json
import struct
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

WIDTH = 256
FUTURE_S = 300
"""Seconds by which a signer's clock may be ahead of this machine's."""
ED25519, ML_DSA_44 = 1, 6
KEY_BYTES = {ED25519: 32, ML_DSA_44: 1312}
STAMP_BYTES = 8
SIGNATURE_BYTES = {ED25519: 64, ML_DSA_44: STAMP_BYTES + 2420}
HASH_BYTES, ID_BYTES, LENGTH_BYTES = 32, 4, 2
TEXT_LINES = 3
"""Of a checkpoint: origin, size and root; of a proof at least: what it is, the entry and its place."""
MOST_DIGITS = 15
MOST_BYTES = WIDTH * (LENGTH_BYTES + 65_535)
"""Of a file: no tile of entries can be longer."""
FIELDS = {"id", "service", "action", "role", "outcome", "at", "recorded_at", "actor", "object"}


class DoesNotFitError(Exception):
    """Something is not what was signed."""


class Key(NamedTuple):
    """A public key of the log."""

    name: str
    id: bytes
    kind: int
    public: bytes


class Checkpoint(NamedTuple):
    """What the log said of itself."""

    origin: str
    size: int
    root: bytes
    at: int


def refuse(sentence: str) -> DoesNotFitError:
    """Make the error that says what does not fit."""
    return DoesNotFitError(sentence)


def decode(text: str, what: str) -> bytes:
    """Decode base64 of which there is one spelling only."""
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise refuse(f"{what} cannot be read.") from None
    if base64.b64encode(content).decode() != text:
        raise refuse(f"{what} is spelt in a way in which nobody signs.")
    return content


# --- Keys and checkpoints


def read_keys(text: str) -> list[Key]:
    """Read both lines of keys: name+id+base64(kind, key)."""
    keys = []
    for line in filter(None, text.split("\n")):
        name, _, rest = line.partition("+")
        digits, _, encoded = rest.partition("+")
        content = decode(encoded, "A key")
        key_id = hashlib.sha256(name.encode() + b"\n" + content).digest()[:ID_BYTES]
        if key_id.hex() != digits or not content or len(content) - 1 != KEY_BYTES.get(content[0]):
            raise refuse("A line of keys was altered: its digits do not fit, or it is of no kind that a log has.")
        keys.append(Key(name, key_id, content[0], content[1:]))
    if sorted(key.kind for key in keys) != [ED25519, ML_DSA_44] or len({key.name for key in keys}) != 1:
        raise refuse("A log has two keys, Ed25519 and ML-DSA-44, of one name; the file of keys holds others.")
    return keys


def read_checkpoint(note: str, keys: Sequence[Key], *, demo: bool = False) -> Checkpoint:
    """Believe a checkpoint only if both signatures of the log are there and fit; a demo's clock may be set ahead."""
    text, separator, tail = note.rpartition("\n\n")
    lines = text.split("\n")
    if not separator or len(lines) != TEXT_LINES or not tail.endswith("\n"):
        raise refuse("The checkpoint has not the form of one.")
    size = lines[1]
    if lines[0] != keys[0].name:
        raise refuse("The checkpoint is of another log than the keys.")
    if len(size) > MOST_DIGITS or not size.isascii() or not size.isdecimal() or str(int(size)) != size:
        raise refuse("The checkpoint's size is no number.")
    signatures = {}
    for line in tail[:-1].split("\n"):
        dash, name, encoded = [*line.split(" "), "", ""][:3]
        content = decode(encoded, "A signature")
        if dash == "—":
            signatures[name, content[:ID_BYTES]] = content[ID_BYTES:]
    found = {key.kind: signatures.get((key.name, key.id), b"") for key in keys}
    if any(len(found[kind]) != SIGNATURE_BYTES[kind] for kind in found):
        raise refuse("A signature of the log is missing: it was signed with another key, or not at all.")
    (at,) = struct.unpack(">Q", found[ML_DSA_44][:STAMP_BYTES])
    said = Checkpoint(lines[0], int(size), decode(lines[2], "The root"), at)
    for key in keys:
        check_signature(key, found[key.kind], f"{text}\n".encode(), said)
    if at > time.time() + FUTURE_S and not demo:
        raise refuse("The checkpoint is dated in the future. Of a demo, whose clock is set, verify with --demo.")
    return said


def check_signature(key: Key, signature: bytes, text: bytes, said: Checkpoint) -> None:
    """Ed25519 signs the text; ML-DSA-44 signs name, time, origin, size and root."""
    try:
        if key.kind == ED25519:
            Ed25519PublicKey.from_public_bytes(key.public).verify(signature, text)
            return
        name, origin = key.name.encode(), said.origin.encode()
        message = b"subtree/v1\n\0" + bytes([len(name)]) + name + struct.pack(">Q", said.at)
        message += bytes([len(origin)]) + origin + struct.pack(">QQ", 0, said.size) + said.root
        MLDSA44PublicKey.from_public_bytes(key.public).verify(signature[STAMP_BYTES:], message)
    except InvalidSignature:
        raise refuse("A signature does not fit: text, time or root was altered, or the key is another.") from None


# --- The tree


def leaf_hash(entry: bytes) -> bytes:
    """RFC 9162, 2.1.1."""
    return hashlib.sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 9162, 2.1.1."""
    return hashlib.sha256(b"\1" + left + right).digest()


class Tree:
    """Takes leaf hashes one after the other and gives the root so far."""

    def __init__(self) -> None:
        """Begin with nothing: complete subtrees from left to right, each half as large as the one before or less."""
        self.size = 0
        self._roots: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        """Append one; as many pairs of equal subtrees as ones end the size are joined."""
        size, self.size = self.size, self.size + 1
        while size & 1:
            leaf, size = node_hash(self._roots.pop(), leaf), size >> 1
        self._roots.append(leaf)

    def root(self) -> bytes:
        """Join what is there from the right."""
        if not self._roots:
            return hashlib.sha256().digest()
        *left, found = self._roots
        for one in reversed(left):
            found = node_hash(one, found)
        return found


def root_by_proof(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """RFC 9162, 2.1.3.2."""
    if not 0 <= index < size:
        raise refuse("The proof is not of an entry of this log.")
    at, last, found = index, size - 1, leaf
    for one in proof:
        if last == 0:
            raise refuse("The proof is longer than the log is high.")
        if at & 1 or at == last:
            found = node_hash(one, found)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, one)
        at, last = at >> 1, last >> 1
    if last:
        raise refuse("The proof is shorter than the log is high.")
    return found


# --- A whole log


def tile_path(level: str, index: int, width: int) -> str:
    """C2SP tlog-tiles: three digits a folder, an x before all but the last, and the width of what is not whole."""
    digits = str(index).zfill(-(-len(str(index)) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    place = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    return f"tile/{level}/{place}" + ("" if width == WIDTH else f".p/{width}")


def bundles(folder: Path, size: int) -> Iterator[tuple[int, list[bytes], list[bytes]]]:
    """Give first index, entries and leaf hashes of each tile."""
    for index in range(-(-size // WIDTH)):
        width = min(WIDTH, size - index * WIDTH)
        content = read(folder / tile_path("entries", index, width))
        hashes = read(folder / tile_path("0", index, width))
        entries, at = list[bytes](), 0
        while at + LENGTH_BYTES <= len(content) and len(entries) < width:
            begin = at + LENGTH_BYTES
            at = begin + int.from_bytes(content[at:begin], "big")
            entries.append(content[begin:at])
        if at != len(content) or len(entries) != width or len(hashes) != HASH_BYTES * width:
            raise refuse(f"The entries from {index * WIDTH} on are not as many as the checkpoint says.")
        yield index * WIDTH, entries, [hashes[n : n + HASH_BYTES] for n in range(0, len(hashes), HASH_BYTES)]


def read(file: Path) -> bytes:
    """Read a file of the export."""
    if not file.is_file():
        raise refuse(f"{file.name} is missing: the log was cut, or not exported whole ({file}).")
    if file.stat().st_size > MOST_BYTES:
        raise refuse(f"{file.name} is larger than any file of an export.")
    return file.read_bytes()


def is_plain(value: object) -> bool:
    """Whether it is a text that can be shown: one with a line's end or a terminal's commands could say VERIFIED."""
    return isinstance(value, str) and value.isascii() and value.isprintable()


def check_entry(entry: bytes, name: str) -> dict[str, Any]:
    """Read one entry, which has one spelling only."""
    try:
        said = json.loads(entry)
        again = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    except (ValueError, RecursionError):
        raise refuse(f"{name} cannot be read.") from None
    if again != entry or not isinstance(said, dict) or not all(is_plain(said.get(one)) for one in FIELDS):
        raise refuse(f"{name} has not the form of an entry.")
    return said


def checked(entry: bytes, expected: bytes, n: int, seen: set[str]) -> tuple[str, str]:
    """Check one entry; give its name, and when it says that it was recorded."""
    content = check_entry(entry, f"Entry {n}")
    name = f"Entry {n} ({content['id']}, {content['action']} at {content['at']})"
    if leaf_hash(entry) != expected:
        raise refuse(f"{name} was changed, or stands where another one stood.")
    if content["id"] in seen:
        raise refuse(f"{name} stands in the log twice.")
    seen.add(content["id"])
    return name, content["recorded_at"]


def begins_with(tree: Tree, earlier: Checkpoint | None) -> None:
    """Hold the tree so far against the checkpoint that was kept, where it is as large."""
    if earlier is not None and tree.size == earlier.size and tree.root() != earlier.root:
        raise refuse(f"The log was rewritten: its first {earlier.size} entries are not those that you kept.")


def verify_log(folder: Path, keys: Sequence[Key], earlier: Checkpoint | None, *, demo: bool = False) -> str:
    """Verify an exported log; give what was found, in sentences."""
    said = read_checkpoint(read(folder / "checkpoint").decode(errors="replace"), keys, demo=demo)
    if earlier is not None and (earlier.size > said.size or earlier.at > said.at):
        raise refuse(
            f"The log was cut or put back: you kept a checkpoint of {earlier.size} entries of {when(earlier.at)}, and "
            f"this one has {said.size} of {when(said.at)}."
        )
    tree, late = Tree(), []
    seen: set[str] = set()
    begins_with(tree, earlier)
    for first, entries, hashes in bundles(folder, said.size):
        for n, (entry, expected) in enumerate(zip(entries, hashes, strict=True), start=first):
            name, recorded_at = checked(entry, expected, n, seen)
            tree.add(expected)
            begins_with(tree, earlier)
            if earlier is not None and n >= earlier.size and recorded_at < stamp(earlier.at):
                late.append(name)
    if tree.root() != said.root:
        raise refuse("Entries were taken out, put in, changed or moved: they give another root than the signed one.")
    sentences = [f"{said.size} entries of {said.origin}, signed at {when(said.at)}: all are as they were signed."]
    if earlier is not None:
        sentences.append(f"The log begins with the {earlier.size} entries of the checkpoint that you kept.")
    sentences += [f"{name} came after your checkpoint, though it says it was recorded before." for name in late[:20]]
    if late[20:]:
        sentences.append(f"So did {len(late) - 20} more. A few are what a short break leaves; many are a question.")
    return "\n".join(sentences)


# --- The proof of one entry


def verify_proof(text: str, keys: Sequence[Key], *, demo: bool = False) -> str:
    """Verify a tlog-proof whose extra data holds the entry and what opens it."""
    head, _, note = text.partition("\n\n")
    lines = head.split("\n")
    if lines[0] != "c2sp.org/tlog-proof@v1" or len(lines) < TEXT_LINES or not lines[1].startswith("extra "):
        raise refuse("This is no proof of an entry.")
    said = read_checkpoint(note, keys, demo=demo)
    word, _, number = lines[2].partition(" ")
    if word != "index" or len(number) > MOST_DIGITS or not number.isascii() or not number.isdecimal():
        raise refuse("The proof does not say of which entry it is.")
    try:
        extra = json.loads(decode(lines[1].removeprefix("extra "), "The entry"))
        entry, opening = extra["leaf"].encode(), extra["opening"]
        opened = {what: opening.get(f"{what}_id") for what in ("actor", "object")}
        salts = {what: bytes.fromhex(opening.get(f"{what}_salt", "")) for what in ("actor", "object")}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise refuse("The proof does not hold the entry.") from None
    hashes = [decode(line, "A hash") for line in lines[TEXT_LINES:]]
    if root_by_proof(leaf_hash(entry), int(number), said.size, hashes) != said.root:
        raise refuse("The entry does not stand in the signed log: the entry or the proof was altered.")
    content = check_entry(entry, f"Entry {number}")
    names = []
    for what, value in opened.items():
        if value is None:
            names.append(f"{what}: erased, nobody can tell any more")
            continue
        domain = b"alongside/audit/v1/" + what.encode() + b"\0"
        if not is_plain(value) or hashlib.sha256(domain + salts[what] + value.encode()).hexdigest() != content[what]:
            raise refuse(f"The {what} named in the proof is not the one in the log.")
        names.append(f"{what}: {value}")
    did = f"{content['action']} ({content['outcome']}) as {content['role']} at {content['at']}"
    return f"Entry {number} of {said.origin}, signed at {when(said.at)}: {did}; {'; '.join(names)}."


def stamp(seconds: int) -> str:
    """Give a time as entries spell it, so that two can be compared."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def when(seconds: int) -> str:
    """Give a time for people."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify, and say what was found."""
    parser = argparse.ArgumentParser(description="Verify an exported audit log, or the proof of one entry.")
    parser.add_argument("what", choices=("log", "proof"))
    parser.add_argument("place", type=Path)
    parser.add_argument("--keys", type=Path, required=True)
    parser.add_argument("--earlier", type=Path)
    parser.add_argument("--demo", action="store_true", help="The log is a demo's, whose clock may be set ahead.")
    given = parser.parse_args(arguments)
    try:
        keys = read_keys(given.keys.read_text(encoding="utf-8"))
        if given.what == "proof":
            found = verify_proof(read(given.place).decode(errors="replace"), keys, demo=given.demo)
        else:
            note = given.earlier.read_text(encoding="utf-8") if given.earlier else None
            kept = read_checkpoint(note, keys, demo=given.demo) if note is not None else None
            found = verify_log(given.place, keys, kept, demo=given.demo)
    except DoesNotFitError as error:
        sys.stdout.write(f"DOES NOT FIT. {error}\n")
        return 1
    except (OSError, UnicodeDecodeError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(f"VERIFIED. {found}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
