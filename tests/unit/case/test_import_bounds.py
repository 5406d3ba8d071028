"""Every file below 10 MB is read in bounded memory and in time that grows with its size; measured in a process of its own."""

import json
import subprocess
import sys

import pytest

from deploy.engines.layout import PROJECT_ROOT

MOST_MB = 300

_READ = """
import json, sys, time
from datetime import date
from services.case.imports.rules.table import Table
from services.case.imports.rules.verdicts import judge_table
from services.case.imports.uploads import Upload
from tests.kit.import_files import export, line
M = 10 * 1024 * 1024
def filled(unit, start=b""):
    head = export() + start
    return head + unit * ((M - len(head)) // len(unit))
FILES = {
    "rows": lambda: export(*(line(f"R-{n}") for n in range(20_000))),
    "one reference": lambda: export(*(line("R", Consent_Wording=f"w{n}") for n in range(20_000))),
    "separators": lambda: filled(b","),
    "quotation marks": lambda: filled(b'"'),
    "empty quoted cells": lambda: filled(b'"",'),
    "open quotation marks": lambda: filled(b'"x,\\n'),
    "one open quotation mark": lambda: filled(b"x,y\\n", b'"'),
    "line ends": lambda: filled(b"\\n"),
    "wide rows": lambda: filled(b"x," * 499 + b"x\\n"),
    "one cell": lambda: filled(b"x"),
    "one quoted cell": lambda: filled(b"x\\n", b'R-1,"'),
    "nationalities": lambda: export(*(line(f"R-{n}", Nationality="Albanian " * 50) for n in range(17_000))),
    "brackets": lambda: export(*(line(f"R-{n}", Age_At_Referral="(" * 190, Nationality="(" * 190) for n in range(15_000))),
    "wide characters": lambda: filled("R,\\U0001f600\\n".encode()),
    "zeros": lambda: bytes(M),
}
content = FILES[sys.argv[1]]()
assert len(content) <= M
began, count = time.process_time(), 0
upload = Upload.read(content, None)
for piece in upload.staged:
    count += sum(1 for _ in judge_table(Table.unstage(piece), today=date(2026, 11, 27)))
# The kernel's own count of this program; getrusage's begins with that of whoever started it.
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
peak = int(status["VmHWM"].split()[0]) / 1024
print(json.dumps({"mb": peak, "cpu_s": time.process_time() - began, "rows": count, "refused": upload.refused}))
"""


def measured(name):
    # What is promised is computing; by the clock it may take longer beside dozens of processes.
    command = [sys.executable, "-W", "ignore", "-c", _READ, name]
    done = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.timeout(420)
@pytest.mark.parametrize("name", ["rows", "empty quoted cells", "wide rows"])
def test_a_file_stays_in_bounds(name):
    """Less than 300 MB from the bytes to the last verdict."""
    found = measured(name)
    assert found["mb"] < MOST_MB, found


@pytest.mark.slow
@pytest.mark.timeout(420)
@pytest.mark.parametrize(
    "name",
    ["one reference", "separators", "quotation marks", "open quotation marks", "one open quotation mark", "line ends", "one cell",
     "one quoted cell", "nationalities", "brackets", "wide characters", "zeros"],
)  # fmt: skip
def test_every_other_file_stays_in_bounds_too(name):
    """Whatever it is made of: less than 300 MB, and no time that grows with the square (60 s of computing at most)."""
    found = measured(name)
    assert (found["mb"] < MOST_MB, found["cpu_s"] < 60) == (True, True), found
