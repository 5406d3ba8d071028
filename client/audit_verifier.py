"""Verifies an exported audit log of Alongside, or the proof of one entry, with the log's public keys alone.

This one file is enough: it needs Python 3.11 and the library ``cryptography``, and nothing of Alongside, of its
database or of the network. It shares no code with what made the log. Formats: RFC 9162 (tree), C2SP signed-note,
tlog-checkpoint, tlog-cosignature, tlog-tiles (folder of the export), tlog-proof and tlog-policy. Over 250 lines because
whoever does not trust us reads all of it, and has nothing else to look for.

    python audit_verifier.py log FOLDER --keys KEYS [--earlier CHECKPOINT] [--policy POLICY]
    python audit_verifier.py proof FILE --keys KEYS

KEYS is a file with the log's two lines of keys, and POLICY one with the keys of its witnesses and which of them must
have seen the log. You were given both at the beginning, over ways that you trust: never take them from the export.
CHECKPOINT is one that you kept: the log must begin with what it signed. The exit code is 0 where everything fits, 1
where something does not, 2 where nothing could be read.

What a verified log shows: these entries, in this order, were signed as one log, and none was changed, taken out, put in
or moved since the earlier checkpoint. What it cannot show: that whoever did something reported it, or what was there
before the first checkpoint that somebody kept. Shown by tests/unit/client/test_audit_verifier.py.
"""

import argparse
import base64
import hashlib
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

WIDTH, HASH_BYTES, ID_BYTES, LENGTH_BYTES, STAMP_BYTES = 256, 32, 4, 2, 8
ED25519, COSIGNATURE, ML_DSA_44 = 1, 4, 6
KEY_BYTES = {ED25519: 32, COSIGNATURE: 32, ML_DSA_44: 1312}
SIGNATURE_BYTES = {ED25519: 64, COSIGNATURE: STAMP_BYTES + 64, ML_DSA_44: STAMP_BYTES + 2420}
TEXT_LINES, FUTURE_S = 3, 300  # Of a checkpoint, and at least of a proof; by how much a signer's clock may be ahead.
MOST_BYTES = WIDTH * (LENGTH_BYTES + 65_535)  # Of a file: no tile of entries can be longer.
COUNT = "any|all|[1-9]"  # Of a policy: how many of a group.
PADDING = re.compile(rb'\{"padding":"[A-Za-z0-9_-]{22}"\}')  # Fills the log up; it is no entry.
FIELDS = {"id", "service", "action", "role", "outcome", "at", "recorded_at", "actor", "object"}


class DoesNotFitError(Exception):
    """Something is not what was signed."""


class Key(NamedTuple):
    """A public key of the log, or of a witness."""

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
    text: str
    signatures: dict[tuple[str, bytes], bytes]


refuse = DoesNotFitError
# Witnesses by name; groups by name, each with how many of its members must have seen the log; and who must have.
Policy = tuple[dict[str, Key], dict[str, tuple[int, list[str]]], str]


def decode(text: str, what: str) -> bytes:
    """Decode base64 of which there is one spelling only."""
    try:
        content = base64.b64decode(text, validate=True)
    except ValueError:
        raise refuse(f"{what} cannot be read.") from None
    if base64.b64encode(content).decode() != text:
        raise refuse(f"{what} is spelt in a way in which nobody signs.")
    return content


def read_key(line: str) -> Key:
    """Read a line of keys: name+id+base64(kind, key)."""
    name, _, rest = line.partition("+")
    digits, _, encoded = rest.partition("+")
    content = decode(encoded, "A key")
    key_id = hashlib.sha256(name.encode() + b"\n" + content).digest()[:ID_BYTES]
    if key_id.hex() != digits or not content or len(content) - 1 != KEY_BYTES.get(content[0]):
        raise refuse("A line of keys was altered: its digits do not fit, or it is of no kind that a log has.")
    return Key(name, key_id, content[0], content[1:])


def read_keys(text: str) -> list[Key]:
    """Read both keys of a log."""
    keys = [read_key(line) for line in filter(None, text.split("\n"))]
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
    if not re.fullmatch("0|[1-9][0-9]{0,14}", size):
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
    at = int.from_bytes(found[ML_DSA_44][:STAMP_BYTES], "big")
    said = Checkpoint(lines[0], int(size), decode(lines[2], "The root"), at, f"{text}\n", signatures)
    for key in keys:
        check_signature(key, found[key.kind], said)
    if at > datetime.now(UTC).timestamp() + FUTURE_S and not demo:
        raise refuse("The checkpoint is dated in the future. Of a demo, whose clock is set, verify with --demo.")
    return said


def check_signature(key: Key, signature: bytes, said: Checkpoint) -> None:
    """Ed25519 signs the text, of a witness with a time before it; ML-DSA-44 name, time, origin, size and root."""
    try:
        if key.kind != ML_DSA_44:
            stamp, plain = signature[:-64], signature[-64:]
            before = f"cosignature/v1\ntime {int.from_bytes(stamp, 'big')}\n" if stamp else ""
            Ed25519PublicKey.from_public_bytes(key.public).verify(plain, f"{before}{said.text}".encode())
            return
        name, origin = key.name.encode(), said.origin.encode()
        message = b"subtree/v1\n\0" + bytes([len(name)]) + name + said.at.to_bytes(8, "big")
        message += bytes([len(origin)]) + origin + bytes(8) + said.size.to_bytes(8, "big") + said.root
        MLDSA44PublicKey.from_public_bytes(key.public).verify(signature[STAMP_BYTES:], message)
    except InvalidSignature:
        raise refuse("A signature does not fit: text, time or root was altered, or the key is another.") from None


def read_policy(text: str, keys: Sequence[Key]) -> Policy:
    """Read the lines of a policy: log, witness, group and quorum."""
    witnesses, groups, quorum = dict[str, Key](), dict[str, tuple[int, list[str]]](), ""
    for line in filter(None, (line.partition("#")[0].strip() for line in text.split("\n"))):
        known = {*witnesses, *groups}
        match line.split():
            case ["log", key, *_] if read_key(key) in keys:
                pass
            case ["witness", name, key, *_] if name not in known and read_key(key).kind == COSIGNATURE:
                witnesses[name] = read_key(key)
            case ["group", name, count, *members] if name not in known >= {*members} and re.fullmatch(COUNT, count):
                least = len(members) if count == "all" else int(count.replace("any", "1"))
                groups[name] = max(least, 1), [*{*members}]
            case ["quorum", name] if not quorum and (name == "none" or name in known):
                quorum = name
            case _:
                raise refuse(f"This line of the policy is of another log, or cannot be read: {line[:40]!a}.")
    if not quorum:
        raise refuse("The policy does not say which witnesses must have seen the log.")
    return witnesses, groups, quorum


def is_met(name: str, groups: Mapping[str, tuple[int, list[str]]], saw: set[str]) -> bool:
    """Whether these witnesses are enough."""
    least, members = groups.get(name, (1, []))
    return name in saw or name == "none" or sum(is_met(one, groups, saw) for one in members) >= least


def who_saw(policy: Policy, cosigned: Sequence[Checkpoint]) -> list[str]:
    """Say which witness saw how much, and for how much the policy is met: who saw more saw all that is less."""
    witnesses, groups, quorum = policy
    seen: dict[str, tuple[int, int]] = {}
    for said in cosigned:
        for name, key in witnesses.items():
            signature = said.signatures.get((key.name, key.id), b"")
            if len(signature) == SIGNATURE_BYTES[COSIGNATURE]:
                check_signature(key, signature, said)
                seen[name] = max(seen.get(name, (0, 0)), (said.size, int.from_bytes(signature[:STAMP_BYTES], "big")))
    saw = {name: f"the first {seen[name][0]} entries at {when(seen[name][1])}" for name in seen}
    sentences = [f"{name} saw {saw.get(name, 'nothing')}." for name in witnesses]
    sizes = {0, *(size for size, _ in seen.values())}
    enough = [n for n in sizes if is_met(quorum, groups, {one for one in seen if seen[one][0] >= n > 0})]
    if not enough:
        raise refuse(f"Too few witnesses saw the log. {' '.join(sentences)}")
    return [*sentences, f"So the policy is met for the first {max(enough)} entries."]


def hash_of(*parts: bytes) -> bytes:
    """Hash an entry, or two subtrees, into the node above (RFC 9162, 2.1.1); the first part keeps them apart."""
    return hashlib.sha256(b"".join(parts)).digest()


def add(roots: list[bytes], size: int, leaf: bytes) -> None:
    """Append to a tree of so many entries, kept as its complete subtrees from left to right, a leaf's hash."""
    while size & 1:
        leaf, size = hash_of(b"\1", roots.pop(), leaf), size >> 1
    roots.append(leaf)


def root_of(roots: Sequence[bytes]) -> bytes:
    """Join what is there from the right."""
    *left, found = roots or [hash_of()]
    for one in reversed(left):
        found = hash_of(b"\1", one, found)
    return found


def root_by_proof(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """RFC 9162, 2.1.3.2."""
    if not 0 <= index < size:
        raise refuse("The proof is not of an entry of this log.")
    at, last, found = index, size - 1, leaf
    for one in proof:
        if last == 0:
            raise refuse("The proof is longer than the log is high.")
        is_left = at & 1 or at == last
        found = hash_of(b"\1", one, found) if is_left else hash_of(b"\1", found, one)
        while is_left and at and not at & 1:
            at, last = at >> 1, last >> 1
        at, last = at >> 1, last >> 1
    if last:
        raise refuse("The proof is shorter than the log is high.")
    return found


def tile_path(level: str, index: int, width: int) -> str:
    """C2SP tlog-tiles: three digits a folder, an x before all but the last, and the width of what is not whole."""
    digits = str(index).zfill(-(-len(str(index)) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    place = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    return f"tile/{level}/{place}" + ("" if width == WIDTH else f".p/{width}")


def entries_of(folder: Path, size: int) -> Iterator[tuple[bytes, bytes]]:
    """Give each entry with its hash."""
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
        yield from zip(entries, (hashes[n : n + HASH_BYTES] for n in range(0, len(hashes), HASH_BYTES)), strict=True)


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
    if PADDING.fullmatch(entry) and hash_of(b"\0", entry) == expected:
        return "", "~"
    content = check_entry(entry, f"Entry {n}")
    name = f"Entry {n} ({content['id']}, {content['action']} at {content['at']})"
    if hash_of(b"\0", entry) != expected:
        raise refuse(f"{name} was changed, or stands where another one stood.")
    if content["id"] in seen:
        raise refuse(f"{name} stands in the log twice.")
    seen.add(content["id"])
    return name, content["recorded_at"]


def verify_log(folder: Path, keys: Sequence[Key], kept: list[Checkpoint], policy: Policy | None, *, demo: bool) -> str:
    """Verify an exported log; give what was found, in sentences."""
    said = read_checkpoint(read(folder / "checkpoint").decode(errors="replace"), keys, demo=demo)
    notes = sorted((folder / "cosigned").glob("*")) if policy is not None else []
    cosigned = [read_checkpoint(read(one).decode(errors="replace"), keys, demo=demo) for one in notes]
    for one in (*kept, *cosigned):
        if one.size > said.size or one.at > said.at:
            less = f"{one.size} entries of {when(one.at)}, and this one has {said.size} of {when(said.at)}"
            raise refuse(f"The log was cut or put back: somebody kept a checkpoint of {less}.")
    begun = max((one.size for one in kept), default=0)
    since = max((datetime.fromtimestamp(one.at, UTC).isoformat()[:19] for one in kept), default="")
    roots, late, filling, seen = list[bytes](), list[str](), 0, set[str]()
    reached = dict.fromkeys((one.size for one in (*kept, *cosigned)), b"")
    for n, (entry, expected) in enumerate(entries_of(folder, said.size)):
        name, recorded_at = checked(entry, expected, n, seen)
        filling += not name
        reached |= {n: root_of(roots)} if n in reached else {}
        add(roots, n, expected)
        late += [name] if n >= begun and recorded_at < since else []
    reached[said.size] = root_of(roots)
    if reached[said.size] != said.root:
        raise refuse("Entries were taken out, put in, changed or moved: they give another root than the signed one.")
    for one in (*kept, *cosigned):
        if reached[one.size] != one.root:
            raise refuse(f"The log was rewritten: its first {one.size} entries are not those that somebody kept.")
    sentences = [f"{said.size} entries of {said.origin}, signed at {when(said.at)}: all are as they were signed."]
    sentences += [f"{filling} of them only fill it up, so that its size tells of nobody's day."] if filling else []
    sentences += who_saw(policy, cosigned) if policy is not None else []
    sentences += [f"The log begins with the {one.size} entries of the checkpoint that you kept." for one in kept]
    sentences += [f"{name} came after your checkpoint, though it says it was recorded before." for name in late[:20]]
    if late[20:]:
        sentences.append(f"So did {len(late) - 20} more. A few are what a short break leaves; many are a question.")
    return "\n".join(sentences)


def verify_proof(text: str, keys: Sequence[Key], *, demo: bool = False) -> str:
    """Verify a tlog-proof whose extra data holds the entry and what opens it."""
    head, _, note = text.partition("\n\n")
    lines = head.split("\n")
    if lines[0] != "c2sp.org/tlog-proof@v1" or len(lines) < TEXT_LINES or not lines[1].startswith("extra "):
        raise refuse("This is no proof of an entry.")
    said = read_checkpoint(note, keys, demo=demo)
    if not re.fullmatch("index [0-9]{1,15}", lines[2]):
        raise refuse("The proof does not say of which entry it is.")
    number = int(lines[2].removeprefix("index "))
    try:
        extra = json.loads(decode(lines[1].removeprefix("extra "), "The entry"))
        entry, opening = extra["leaf"].encode(), extra["opening"]
        opened = {what: opening.get(f"{what}_id") for what in ("actor", "object")}
        salts = {what: bytes.fromhex(opening.get(f"{what}_salt", "")) for what in ("actor", "object")}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise refuse("The proof does not hold the entry.") from None
    hashes = [decode(line, "A hash") for line in lines[TEXT_LINES:]]
    if root_by_proof(hash_of(b"\0", entry), number, said.size, hashes) != said.root:
        raise refuse("The entry does not stand in the signed log: the entry or the proof was altered.")
    content = check_entry(entry, f"Entry {number}")
    names = []
    for what, value in opened.items():
        domain = b"alongside/audit/v1/" + what.encode() + b"\0" + salts[what]
        if value is not None and not (is_plain(value) and hash_of(domain, value.encode()).hex() == content[what]):
            raise refuse(f"The {what} named in the proof is not the one in the log.")
        names.append(f"{what}: {'erased, nobody can tell any more' if value is None else value}")
    did = f"{content['action']} ({content['outcome']}) as {content['role']} at {content['at']}"
    return f"Entry {number} of {said.origin}, signed at {when(said.at)}: {did}; {'; '.join(names)}."


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
    parser.add_argument("--policy", type=Path)
    parser.add_argument("--demo", action="store_true", help="The log is a demo's, whose clock may be set ahead.")
    given = parser.parse_args(arguments)
    try:
        keys = read_keys(given.keys.read_text("utf-8"))
        if given.what == "proof":
            found = verify_proof(read(given.place).decode(errors="replace"), keys, demo=given.demo)
        else:
            kept = [read_checkpoint(given.earlier.read_text("utf-8"), keys, demo=given.demo)] if given.earlier else []
            policy = read_policy(given.policy.read_text("utf-8"), keys) if given.policy else None
            found = verify_log(given.place, keys, kept, policy, demo=given.demo)
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
