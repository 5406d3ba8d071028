"""The one file that an auditor runs: it believes what was signed, and finds and names whatever was done to a log."""

import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import client.audit_verifier as verifier
from client.audit_export import LogShortError, NothingSignedError, PlaceTakenError, write_export
from services.audit.log.leaves import draw_salts, salted_leaf
from shared.keys.signing import SigningKey
from shared.transparency.log_key import LogKey
from shared.transparency.notes import Checkpoint
from shared.transparency.tiles import bundle, tile_path
from shared.transparency.tree import inclusion_proof, leaf_hash, root
from shared.transparency.witness import cosignature_line, cosigned_message, witness_key
from tests.unit.shared.transparency.test_tree import by_definition, nodes_of

KEY = LogKey.draw()
ORIGIN = "alongside/alder/audit"
NOON = datetime(2026, 8, 1, 12, tzinfo=UTC)


def entry(n, at=None):
    at = at or NOON + timedelta(seconds=n)
    return {
        "id": f"e-{n:05d}", "service": "case", "action": "case:survivor:read", "role": "IMSA", "outcome": "ALLOWED",
        "actor_id": f"actor-{n % 3}", "object_id": f"survivor-{n}", "count": None, "at": at, "recorded_at": at,
    }  # fmt: skip


SALTS = draw_salts(1_400)
ENTRIES = [entry(n) for n in range(700)]
LEAVES = [salted_leaf(one, SALTS[2 * n], SALTS[2 * n + 1]) for n, one in enumerate(ENTRIES)]


def signed(leaves, *, at=NOON + timedelta(hours=1), key=KEY, size=None):
    size = len(leaves) if size is None else size
    return key.sign(Checkpoint(origin=ORIGIN, size=size, root=by_definition(leaves), at=at))


def api(leaves, note, cosigned=()):
    """The API of a log, as far as an export reads it."""

    def get(path, *, first=0, limit=1_000):
        if path == "/v1/audit/witnesses":
            return {"items": [], "checkpoints": list(cosigned)}
        if path == "/v1/audit/log":
            return {"signed_size": len(leaves) if note else 0, "checkpoint": note, "keys": []}
        return {"items": [leaf.decode() for leaf in leaves[first : first + limit]]}

    return get


@pytest.fixture
def keys(tmp_path):
    """What the auditor was given at the beginning."""
    file = tmp_path / "keys"
    file.write_text("".join(f"{one.line}\n" for one in KEY.public(ORIGIN)))
    return file


@pytest.fixture
def folder(tmp_path):
    """An export of the log."""
    write_export(api(LEAVES, signed(LEAVES)), tmp_path / "export")
    return tmp_path / "export"


def run(capsys, *words):
    """What it says, and its exit code."""
    code = verifier.main([str(word) for word in words])
    return code, capsys.readouterr().out


def kept(tmp_path, size, **options):
    file = tmp_path / f"kept-{size}"
    file.write_text(signed(LEAVES[:size], at=NOON + timedelta(minutes=30), **options))
    return file


def put(folder, leaves, index=0):
    """Write a tile's entries and hashes as an exporter would."""
    for level, content in (("entries", bundle(leaves)), ("0", b"".join(leaf_hash(one) for one in leaves))):
        (folder / tile_path(level, index, len(leaves))).write_bytes(content)


class TestTheWholeLog:
    def test_it_stands_alone(self, folder, keys, tmp_path):
        """Copied to an empty place, without anything of ours beside it, it verifies an export."""
        alone = tmp_path / "alone"
        alone.mkdir()
        shutil.copy(verifier.__file__, alone / "audit_verifier.py")
        command = [sys.executable, "-I", "audit_verifier.py", "log", str(folder), "--keys", str(keys)]
        done = subprocess.run(command, cwd=alone, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("VERIFIED. 700 entries of alongside/alder/audit, signed at 2026-08-01 13:00:00")

    def test_it_is_short_enough_to_be_read(self):
        """Ten minutes; and it reaches for nothing but the standard library and one other."""
        text = Path(verifier.__file__).read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 400
        imported = {
            line.split()[1].partition(".")[0] for line in text.splitlines() if line.startswith(("import ", "from "))
        }
        assert imported - sys.stdlib_module_names == {"cryptography"}

    @pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 700])
    def test_a_log_begins_with_each_of_its_earlier_ones(self, folder, keys, tmp_path, capsys, size):
        """Whichever checkpoint somebody kept."""
        code, said = run(capsys, "log", folder, "--keys", keys, "--earlier", kept(tmp_path, size))
        assert (code, f"begins with the {size} entries" in said) == (0, True)

    @pytest.mark.parametrize("size", [1, 300, 512])
    def test_of_any_size(self, keys, tmp_path, capsys, size):
        """With whole tiles only, too."""
        write_export(api(LEAVES[:size], signed(LEAVES[:size])), tmp_path / "other")
        assert run(capsys, "log", tmp_path / "other", "--keys", keys)[0] == 0

    def test_what_came_late_is_said(self, keys, tmp_path, capsys):
        """An entry that says it was recorded before a checkpoint that does not have it: dated back, or a short break."""
        late = salted_leaf(entry(9_999, at=NOON), *draw_salts(2))
        leaves = [*LEAVES, late]
        write_export(api(leaves, signed(leaves)), tmp_path / "late")
        code, said = run(capsys, "log", tmp_path / "late", "--keys", keys, "--earlier", kept(tmp_path, 700))
        assert code == 0
        assert "Entry 700 (e-09999, case:survivor:read at 2026-08-01T12:00:00.000Z) came after your checkpoint" in said


def flip(folder):
    file = folder / tile_path("entries", 1)
    content = file.read_bytes()
    file.write_bytes(content.replace(b'"role":"IMSA"', b'"role":"XXXX"', 1))


def flip_with_its_hash(folder):
    leaves = [*LEAVES[256:512]]
    leaves[3] = leaves[3].replace(b"ALLOWED", b"REFUSED")
    put(folder, leaves, 1)


def delete(folder):
    put(folder, [*LEAVES[256:300], *LEAVES[301:513]], 1)
    (folder / tile_path("entries", 2, 188)).unlink()
    (folder / tile_path("0", 2, 188)).unlink()
    put(folder, LEAVES[513:], 2)


def insert(folder):
    put(folder, [*LEAVES[256:300], salted_leaf(entry(5_000), *draw_salts(2)), *LEAVES[300:511]], 1)


def reorder(folder):
    put(folder, [LEAVES[257], LEAVES[256], *LEAVES[258:512]], 1)


def swap_without_hashes(folder):
    file = folder / tile_path("entries", 1)
    file.write_bytes(bundle([LEAVES[257], LEAVES[256], *LEAVES[258:512]]))


def truncate(folder):
    (folder / tile_path("entries", 2, 188)).unlink()


def repeat(folder):
    put(folder, [*LEAVES[256:511], LEAVES[256]], 1)


def size_down(folder):
    note = (folder / "checkpoint").read_text()
    (folder / "checkpoint").write_text(note.replace("\n700\n", "\n512\n"))


def no_entry(folder):
    put(folder, [b'{"v": 1}', *LEAVES[257:512]], 1)


def hostile(**values):
    """An entry in its one spelling, with a value that nobody would sign."""
    said = {**json.loads(LEAVES[256]), **values}
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


TAMPERED = [
    (flip, "Entry 256 .* was changed"),
    (flip_with_its_hash, "another root than the signed one"),
    (delete, "188 is missing|not as many"),
    (insert, "another root than the signed one"),
    (reorder, "another root than the signed one"),
    (swap_without_hashes, "Entry 256 .e-00257.* was changed, or stands where another one stood"),
    (truncate, "is missing: the log was cut"),
    (repeat, "Entry 511 .e-00256.* stands in the log twice"),
    (size_down, "A signature does not fit"),
    (no_entry, "Entry 256 has not the form"),
]


WITNESSES = {name: SigningKey(secret=bytes([n]) * 32) for n, name in enumerate(("board", "custodian"), start=1)}
FILLED = [*LEAVES[:300], *(b'{"padding":"%022d"}' % n for n in range(212)), *LEAVES[300:400]]


def cosigned(size, *witnesses, leaves=FILLED):
    """A checkpoint of the first leaves with these witnesses' cosignatures."""
    at = NOON + timedelta(minutes=size)
    note = signed(leaves[:size], at=NOON)
    for name in witnesses:
        message = cosigned_message(ORIGIN, size, by_definition(leaves[:size]), at)
        key = witness_key(name, WITNESSES[name].public)
        note += cosignature_line(key, at, WITNESSES[name].sign(message))
    return note


class TestWitnesses:
    @pytest.fixture
    def ask(self, keys, tmp_path, capsys):
        """Verify a log that fills itself up with what witnesses signed of it, by a policy."""

        def verify(quorum, *notes, more=""):
            lines = [f"log {one.line} https://alder.example" for one in KEY.public(ORIGIN)]
            lines += [f"witness {name} {witness_key(name, key.public).line}" for name, key in WITNESSES.items()]
            lines += ["# Both, or either.", "group both all board custodian", "group either any board custodian", more]
            file = tmp_path / "policy"
            file.write_text("\n".join([*lines, f"quorum {quorum}" if quorum else ""]))
            write_export(api(FILLED, signed(FILLED), notes), tmp_path / "witnessed")
            return run(capsys, "log", tmp_path / "witnessed", "--keys", keys, "--policy", file)

        return verify

    @pytest.mark.parametrize(
        ("quorum", "expected"), [("either", 512), ("both", 300), ("board", 512), ("custodian", 300), ("none", 512)]
    )
    def test_it_says_who_saw_what_and_how_far_the_policy_is_met(self, ask, quorum, expected):
        """Who saw more saw all that is less."""
        code, said = ask(quorum, cosigned(512, "board"), cosigned(300, "board", "custodian"))
        assert (code, "board saw the first 512 entries at 2026-08-01 20:32:00 UTC." in said) == (0, True)
        assert "custodian saw the first 300 entries at 2026-08-01 17:00:00 UTC." in said
        assert f"So the policy is met for the first {expected} entries." in said
        assert "612 entries" in said
        assert "212 of them only fill it up" in said

    @pytest.mark.parametrize("quorum", ["both", "custodian"])
    def test_too_few(self, ask, quorum):
        """Never green for want of a witness."""
        code, said = ask(quorum, cosigned(512, "board"))
        assert code == 1
        assert "Too few witnesses saw the log. board saw the first 512 entries at" in said
        assert "custodian saw nothing." in said

    def test_what_was_cosigned_of_another_history(self, ask):
        """A split view: the witnesses saw other entries than the ones that were handed over."""
        code, said = ask("both", cosigned(512, "board", "custodian", leaves=[*FILLED[:9], LEAVES[650], *FILLED[10:]]))
        assert (code, "was rewritten: its first 512 entries" in said) == (1, True)

    def test_what_was_cosigned_of_more_than_there_is(self, ask):
        """A log that was cut."""
        code, said = ask("both", cosigned(613, "board", "custodian", leaves=[*FILLED, LEAVES[650]]))
        assert (code, "was cut or put back" in said) == (1, True)

    def test_a_cosignature_that_does_not_fit(self, ask):
        """The other witness's name does not make it theirs, and a changed time none of theirs."""
        note = cosigned(512, "board")
        mine = cosigned(300, "board").splitlines()[-1]
        code, said = ask("board", note.replace(note.splitlines()[-1], mine))
        assert (code, "A signature does not fit" in said) == (1, True)

    @pytest.mark.parametrize(
        ("quorum", "more", "found"),
        [
            ("", "", "does not say which witnesses"),
            ("nobody", "", "cannot be read: 'quorum nobody'"),
            ("both", "quorum either", "cannot be read: 'quorum both'"),
            ("both", "group both all board", "cannot be read: 'group both all board'"),
            ("both", "group x 0 board", "cannot be read: 'group x 0 board'"),
            ("both", "group x all stranger", "cannot be read: 'group x all stranger'"),
            ("x", "group x 3 board custodian board", "Too few witnesses"),
            ("both", "witness board nothing", "cannot be read: 'witness board nothing'"),
            ("both", "witness new nothing", "A key|digits do not fit"),
            # By a name of its own: each worker draws another key, and all must know the test by one name.
            pytest.param("both", f"log {LogKey.draw().public(ORIGIN)[0].line}", "is of another log", id="another log"),
            ("both", "\x1b[2K VERIFIED", "is of another log"),
        ],
    )  # fmt: skip
    def test_a_policy_that_cannot_be_read_verifies_nothing(self, ask, quorum, more, found):
        """And is named by its line."""
        code, said = ask(quorum, cosigned(512, "board", "custodian"), more=more)
        assert code == 1
        assert re.search(found, said), said
        assert said.rstrip("\n").isprintable()


class TestTampering:
    @pytest.mark.parametrize(("tamper", "found"), TAMPERED, ids=[tamper.__name__ for tamper, _ in TAMPERED])
    def test_it_is_found_and_said(self, folder, keys, capsys, tamper, found):
        """Whatever is done to the folder of an export; where one entry can be named, it is."""
        tamper(folder)
        code, said = run(capsys, "log", folder, "--keys", keys)
        assert code == 1
        assert said.startswith("DOES NOT FIT. ")
        assert any(re.search(found, line) for line in said.splitlines()), said

    @pytest.mark.parametrize(
        "leaf",
        [
            hostile(id="x\x1b[2K\rVERIFIED. 700 entries"), hostile(action="x\nVERIFIED. 700 entries"),
            hostile(id=[]), hostile(recorded_at=7), hostile(id="é"), b"[" * 60_000, b"\xff",
        ],
    )  # fmt: skip
    def test_a_hostile_entry_says_nothing(self, folder, keys, capsys, leaf):
        """Neither to a terminal nor by an error of the verifier's own; only which one it is."""
        put(folder, [leaf, *LEAVES[257:512]], 1)
        code, said = run(capsys, "log", folder, "--keys", keys)
        assert (code, said[:22]) == (1, "DOES NOT FIT. Entry 25")
        assert said.rstrip("\n").isprintable()
        assert "VERIFIED" not in said

    def test_an_endless_origin_is_refused(self, folder, keys, capsys):
        """In whatever order the keys stand."""
        keys.write_text("".join(f"{one.line}\n" for one in reversed(KEY.public(ORIGIN))))
        note = folder / "checkpoint"
        note.write_text(note.read_text().replace(f"{ORIGIN}\n", f"{'x' * 300}\n", 1))
        assert run(capsys, "log", folder, "--keys", keys)[0] == 1

    def test_a_fork_that_the_owner_signed_is_found_by_whoever_kept_a_checkpoint(self, keys, tmp_path, capsys):
        """The owner rewrote one entry, and signed it all anew with the right key."""
        forked = [*LEAVES[:100], LEAVES[100].replace(b"ALLOWED", b"REFUSED"), *LEAVES[101:]]
        write_export(api(forked, signed(forked)), tmp_path / "forked")
        assert run(capsys, "log", tmp_path / "forked", "--keys", keys)[0] == 0
        for size, code in ((100, 0), (101, 1), (600, 1)):
            found = run(capsys, "log", tmp_path / "forked", "--keys", keys, "--earlier", kept(tmp_path, size))
            assert found[0] == code, (size, found)
        assert "its first 600 entries are not those that somebody kept" in found[1]

    def test_a_log_that_was_cut_or_put_back_is_found(self, keys, tmp_path, capsys):
        """Fewer entries than were signed before; or as many, signed as of before."""
        write_export(api(LEAVES[:500], signed(LEAVES[:500])), tmp_path / "cut")
        code, said = run(capsys, "log", tmp_path / "cut", "--keys", keys, "--earlier", kept(tmp_path, 600))
        assert (code, "was cut or put back: somebody kept a checkpoint of 600" in said) == (1, True)
        write_export(api(LEAVES, signed(LEAVES, at=NOON)), tmp_path / "dated-back")
        assert run(capsys, "log", tmp_path / "dated-back", "--keys", keys, "--earlier", kept(tmp_path, 600))[0] == 1

    def test_a_replaced_key_is_not_believed(self, keys, tmp_path, capsys):
        """The keys that the auditor was given count, whatever lies in the folder."""
        write_export(api(LEAVES, signed(LEAVES, key=LogKey.draw())), tmp_path / "other-key")
        code, said = run(capsys, "log", tmp_path / "other-key", "--keys", keys)
        assert (code, "signed with another key, or not at all" in said) == (1, True)

    def test_a_checkpoint_of_tomorrow_is_not_believed(self, keys, tmp_path, capsys):
        """Nobody signs ahead."""
        at = datetime.fromtimestamp(int(time.time()) + 3_600, UTC)
        write_export(api(LEAVES[:5], signed(LEAVES[:5], at=at)), tmp_path / "tomorrow")
        assert "dated in the future" in run(capsys, "log", tmp_path / "tomorrow", "--keys", keys)[1]
        # A demo's clock may be set ahead: who says that it is one gets everything else verified.
        assert run(capsys, "log", tmp_path / "tomorrow", "--keys", keys, "--demo")[0] == 0

    @settings(max_examples=40, deadline=None)
    @given(data=st.data())
    def test_no_byte_of_an_export_can_be_flipped(self, data, tmp_path_factory):
        """Anywhere in any of its files."""
        place = tmp_path_factory.mktemp("flipped")
        write_export(api(LEAVES[:300], signed(LEAVES[:300])), place / "export")
        (place / "keys").write_text("".join(f"{one.line}\n" for one in KEY.public(ORIGIN)))
        files = sorted(file for file in (place / "export").rglob("*") if file.is_file())
        file = data.draw(st.sampled_from(files))
        content = bytearray(file.read_bytes())
        content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
        file.write_bytes(bytes(content))
        assert verifier.main(["log", str(place / "export"), "--keys", str(place / "keys")]) == 1


def proof_of(n, leaves=LEAVES, **changes):
    """A proof as the API gives it."""
    opening = {
        "actor_id": ENTRIES[n]["actor_id"], "actor_salt": SALTS[2 * n].hex(),
        "object_id": ENTRIES[n]["object_id"], "object_salt": SALTS[2 * n + 1].hex(),
    }  # fmt: skip
    opening |= changes
    opening = {name: value for name, value in opening.items() if value is not None}
    extra = base64.b64encode(json.dumps({"leaf": leaves[n].decode(), "opening": opening}).encode()).decode()
    hashes = [base64.b64encode(one).decode() for one in inclusion_proof(n, len(leaves), nodes_of(leaves))]
    assert root(len(leaves), nodes_of(leaves)) == by_definition(leaves)
    return "\n".join(["c2sp.org/tlog-proof@v1", f"extra {extra}", f"index {n}", *hashes, "", signed(leaves)])


class TestOneEntry:
    def verify(self, capsys, tmp_path, keys, text):
        file = tmp_path / "entry.tlog-proof"
        file.write_text(text)
        return run(capsys, "proof", file, "--keys", keys)

    @pytest.mark.parametrize("n", [0, 255, 256, 699])
    def test_it_is_proven_with_who_and_what(self, capsys, tmp_path, keys, n):
        """Offline, with the keys alone."""
        code, said = self.verify(capsys, tmp_path, keys, proof_of(n))
        assert code == 0
        assert f"Entry {n} of {ORIGIN}" in said
        assert f"actor: actor-{n % 3}; object: survivor-{n}." in said

    def test_an_erased_persons_entry_is_proven_without_them(self, capsys, tmp_path, keys):
        """What was done, when and by whom; to whom, nobody can tell."""
        code, said = self.verify(capsys, tmp_path, keys, proof_of(7, object_id=None, object_salt=None))
        assert (code, "object: erased, nobody can tell any more" in said) == (0, True)

    @pytest.mark.parametrize(
        ("spoil", "found"),
        [
            (lambda: proof_of(7, object_id="survivor-8"), "The object named in the proof is not the one in the log"),
            (lambda: proof_of(7, actor_id="actor-2"), "The actor named in the proof is not the one in the log"),
            (lambda: proof_of(7).replace("index 7", "index 8"), "does not stand in the signed log"),
            (lambda: proof_of(7).replace("index 7", "index 700"), "not of an entry of this log"),
            (lambda: proof_of(7).replace("index 7", f"index {'9' * 5000}"), "does not say of which entry"),
            (lambda: proof_of(7).replace("\n700\n", "\n701\n"), "A signature does not fit"),
            (lambda: proof_of(7).replace("extra ", "extra eyJ9"), "cannot be read|not hold the entry|way in which"),
            (lambda: "", "This is no proof"),
            (lambda: proof_of(7)[:300], "This is no proof"),
            (lambda: proof_of(7)[:-900], "has not the form"),
        ],
    )  # fmt: skip
    def test_nothing_altered_is_believed(self, capsys, tmp_path, keys, spoil, found):
        """Another id, place, log or text."""
        code, said = self.verify(capsys, tmp_path, keys, spoil())
        assert code == 1
        assert re.search(found, said), said


class TestWords:
    def test_without_files_it_says_so(self, capsys, tmp_path, keys):
        """Exit code 2: nothing was verified, and nothing was found wrong either."""
        assert verifier.main(["log", str(tmp_path), "--keys", str(tmp_path / "none")]) == 2
        assert run(capsys, "log", tmp_path, "--keys", keys)[0] == 1

    def test_one_key_is_not_enough(self, capsys, tmp_path, folder):
        """Both kinds, of one log."""
        first, second = KEY.public(ORIGIN)
        file = tmp_path / "half"
        for lines in ([first.line], [second.line], [first.line, first.line], [first.line, KEY.public("x")[1].line], []):
            file.write_text("".join(f"{line}\n" for line in lines))
            assert run(capsys, "log", folder, "--keys", file)[0] == 1

    def test_a_key_that_is_none_is_refused(self, capsys, tmp_path, folder):
        """Its digits fit, and it is too short, or nothing at all."""
        file = tmp_path / "short"
        for content in (b"\x01" + bytes(31), b""):
            digits = hashlib.sha256(ORIGIN.encode() + b"\n" + content).hexdigest()[:8]
            line = f"{ORIGIN}+{digits}+{base64.b64encode(content).decode()}"
            file.write_text(f"{line}\n{KEY.public(ORIGIN)[1].line}\n")
            assert run(capsys, "log", folder, "--keys", file)[0] == 1


class TestExport:
    def test_it_is_whole_or_not_there(self, tmp_path):
        """A log that ends too early leaves no folder; nor is anything written over."""
        note = signed(LEAVES)
        with pytest.raises(LogShortError):
            write_export(
                lambda path, **query: api(LEAVES[:300], note)(path, **query) | {"signed_size": 700}, tmp_path / "x"
            )
        with pytest.raises(NothingSignedError):
            write_export(api([], None), tmp_path / "x")
        assert list(tmp_path.iterdir()) == []
        (tmp_path / "x").mkdir()
        with pytest.raises(PlaceTakenError):
            write_export(api(LEAVES, note), tmp_path / "x")

    def test_a_log_of_nothing_is_a_checkpoint(self, tmp_path, keys, capsys):
        """Signed on its first day."""
        write_export(api([], signed([])), tmp_path / "empty")
        assert run(capsys, "log", tmp_path / "empty", "--keys", keys)[0] == 0
