"""A file is read in blocks: the same records as in one piece, in memory that does not grow with it."""

import io
import json
import subprocess
import sys
import tempfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.engines.layout import PROJECT_ROOT
from services.case.imports.rules import records as rules
from services.case.imports.rules.decoding import find_encoding, text_blocks
from services.case.imports.rules.profile import choose, shipped
from services.case.imports.rules.reading import read_sheet
from services.case.imports.rules.records import CELL_TOO_LONG, TOO_MANY_CELLS, RecordReader
from services.case.imports.rules.table import MappedFile
from shared.keys import spool as spools
from shared.keys.spool import SealedSpool, SpoolFullError
from tests.kit.import_files import export, line

KNOWN = [column for profile in shipped().values() for column in profile.columns]
MOST_MB = 300
_CELLS = st.lists(st.text(st.sampled_from('ab,"\n\r;é'), max_size=6), min_size=1, max_size=5)

_READ = """
import json, sys, tempfile
from services.case.imports.rules.profile import choose, shipped
from services.case.imports.rules.reading import read_sheet
from services.case.imports.rules.table import MappedFile
from shared.keys import spool as spools
from shared.keys.spool import SealedSpool, SpoolFullError
from tests.kit.import_files import export, line
known = [column for profile in shipped().values() for column in profile.columns]
def rows(count):
    file = tempfile.TemporaryFile()
    file.write(export())
    for n in range(count):
        file.write((line(f"R-{n}") + "\\n").encode())
    return file
def one_line():
    file = tempfile.TemporaryFile()
    file.write(export(line("R-1")))
    for _ in range(100):
        file.write(b"x" * 1024 * 1024)
    file.write(b"\\n" + line("R-2").encode())
    return file
file = one_line() if sys.argv[1] == "line" else rows(int(sys.argv[1]))
sheet = read_sheet(file, known)
mapped = MappedFile(sheet, choose(sheet, None).bind(sheet))
found = [line.fault for line in mapped.lines() if line.fault or sys.argv[1] == "line"]
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(json.dumps({"mb": int(status["VmHWM"].split()[0]) / 1024, "faults": found}))
"""


def measured(what):
    command = [sys.executable, "-W", "ignore", "-c", _READ, str(what)]
    done = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def mapped(content):
    sheet = read_sheet(content, KNOWN)
    return MappedFile(sheet, choose(sheet, None).bind(sheet))


class TestBlocks:
    @given(st.lists(_CELLS, max_size=12), st.integers(1, 7))
    def test_blocks_give_the_records_of_the_whole(self, rows, size):
        """Wherever a block ends; marks that do not fit as well."""
        text = "\n".join(",".join(row) for row in rows)
        blocks, at = [], 0
        while at < len(text):
            end = at + size
            while text[end - 1 : end] == "\r" and end < len(text):
                end += 1
            blocks.append(text[at:end])
            at = end
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(rules, "_FARTHEST", 500)
            patch.setattr(rules, "_LONGEST", 1_000)
            patch.setattr(rules, "_AHEAD", 1_516)
            found = list(RecordReader(blocks, ",").records(width=3))
        assert found == list(RecordReader(text, ",").records(width=3))

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "windows-1252", "utf-16"])
    def test_no_character_is_lost_where_a_block_ends(self, encoding, monkeypatch):
        """Half a character and half a line end wait for the other half."""
        monkeypatch.setattr("services.case.imports.rules.decoding.BLOCK_BYTES", 3)
        text = "Ref,Name\r\n" + "Zo\u00eb,caf\u00e9\r\n" * 20
        source = io.BytesIO(text.encode({"windows-1252": "cp1252"}.get(encoding, encoding)))
        assert find_encoding(source) == encoding
        blocks = list(text_blocks(source, encoding))
        assert "".join(blocks) == text
        assert not any(block.endswith("\r") for block in blocks)

    def test_a_line_that_never_ends_is_named_and_its_neighbours_are_read(self, monkeypatch):
        """Of what is longer than any row the rest is passed over; the next line is the next row."""
        monkeypatch.setattr(rules, "_LONGEST", 100)
        monkeypatch.setattr(rules, "_FARTHEST", 50)
        monkeypatch.setattr(rules, "_AHEAD", 166)
        blocks = ["1,2,3\n4,", *["x" * 90] * 9, "\n7,8,9\n"]
        found = list(RecordReader(blocks, ",").records(width=3))
        assert [(one.row, one.fault) for one in found] == [(1, None), (2, CELL_TOO_LONG), (3, None)]
        assert found[1].cells == ("4", rules.UNREAD)
        wide = list(RecordReader(["1,2,3\n", *["x," * 600] * 2, "\n7,8,9\n"], ",").records(width=3))
        assert [(one.row, one.fault) for one in wide] == [(1, None), (2, TOO_MANY_CELLS), (3, None)]

    def test_two_readers_of_one_file_do_not_disturb_each_other(self):
        """A file is read as often as it is asked for, also in turns."""
        file = mapped(export(*(line(f"R-{n}") for n in range(50))))
        pairs = list(zip(file.lines(), file.lines(), strict=True))
        assert len(pairs) == 50
        assert all(one == other for one, other in pairs)


class TestMemory:
    @pytest.mark.timeout(300)
    def test_memory_does_not_grow_with_the_rows(self):
        """Ten times as many rows, hardly more memory."""
        few, many = measured(3_000), measured(30_000)
        assert many["mb"] < few["mb"] + 30, (few, many)

    @pytest.mark.timeout(300)
    def test_a_line_of_100_mb_is_a_row_with_a_fault(self):
        """And costs no memory of its size."""
        found = measured("line")
        assert found["faults"] == [None, CELL_TOO_LONG, None]
        assert found["mb"] < MOST_MB, found

    @pytest.mark.slow
    @pytest.mark.timeout(1_000)
    def test_a_million_rows(self):
        """Below 300 MB."""
        assert measured(1_000_000)["mb"] < MOST_MB


class TestSpool:
    def test_what_stands_on_the_disk_opens_for_nobody(self, monkeypatch):
        """It has no name there, and says nothing."""
        files = []
        real = tempfile.TemporaryFile
        monkeypatch.setattr(spools.tempfile, "TemporaryFile", lambda: files.append(real()) or files[-1])
        spool = SealedSpool()
        for n in range(40_000):
            spool.write(f"Planted name {n}\n".encode())
        spool.seal()
        files[0].seek(0)
        assert b"Planted" not in files[0].read()
        assert spool.reader().read().startswith(b"Planted name 0\n")

    @given(st.integers(0, 700_000), st.integers(0, 3_000))
    def test_it_is_read_from_any_place(self, at, size):
        """As any file."""
        content = bytes(range(256)) * 2_500
        spool = SealedSpool.of(io.BytesIO(content), len(content))
        reader = spool.reader()
        reader.seek(at)
        assert reader.read(size) == content[at : at + size]
        assert reader.seek(0, io.SEEK_END) == len(content)

    def test_it_holds_no_more_than_it_may(self):
        """A body of any length ends there."""
        with pytest.raises(SpoolFullError, match="1 MB"):
            SealedSpool.of(io.BytesIO(bytes(2 * 1024 * 1024)), 1024 * 1024)

    def test_a_file_is_read_from_it(self):
        """Decoding, header and rows."""
        spool = SealedSpool.of(io.BytesIO(export(line("R-1"))), 10_000)
        assert [one.cells[0] for one in mapped(spool.reader()).lines()] == ["R-1"]
