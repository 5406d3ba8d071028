"""Every command in the documents exists; those of tutorials and how-tos are carried out on a running pilot."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

import pytest

from deploy.demo.hosts import HOSTS, WORDING
from deploy.engines.layout import Layout
from deploy.stack.people import client_of
from deploy.stack.stack import Stack
from shared.codelists.periods import Period
from tests.docs import newcomers
from tests.docs.reading import (
    DOCS,
    NOT_RUN,
    REFUSED,
    ROOT,
    RUN,
    blocks,
    calls,
    prose,
    reading_age,
    reading_ease,
    spans,
    wrong_with,
)
from tests.kit.pilot import Pilot

PAGES = [*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md"))]
CARRIED_OUT = [*sorted((DOCS / "tutorials").glob("*.md")), *sorted((DOCS / "how-to").glob("*.md"))]
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
AS_SOMEBODY = [
    *(
        [one]
        for one in (
            "audit",
            "breaches",
            "casework",
            "consents",
            "disclosures",
            "emergencies",
            "information",
            "leaving",
            "interpreters",
            "period",
            "queues",
            "records",
            "release",
            "restrictions",
            "rights",
            "sandbox",
            "sources",
            "stops",
            "survivors",
            "visits",
            "webhooks",
        )
    ),
    *(["erase", verb] for verb in ("ask", "backups-closed", "certificate", "confirm", "take-back", "waiting")),
    *(["events", verb] for verb in ("catalogue", "consumers", "key", "listen", "seek", "trigger")),
    *(["import", verb] for verb in ("commit", "errors", "file", "history", "plan", "undo")),
    *(["import", "profiles", verb] for verb in ("approve", "list", "propose", "retire", "show")),
    *(["people", verb] for verb in ("confirm", "end-sessions", "invite", "list")),
]
"""How commands begin that act as the person who signed in."""
LATER = "2027"
"""The period that the how-to of a release publishes."""


def name_of(page):
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_command_exists(page):
    """Each call of ours names a command and options that there are, and a whole call all that it needs."""
    wrong = [(words, why) for b in blocks(page) for words in calls(b.body) if (why := wrong_with(words, whole=True))]
    wrong += [(words, why) for words in spans(page) if (why := wrong_with(words, whole=False))]
    assert wrong == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_target_and_module_exists(page):
    """What a page calls by make or python -m is there."""
    text = page.read_text(encoding="utf-8")
    shell = "\n".join(block.body for block in blocks(page)) + "\n" + "\n".join(re.findall(r"`(make [^`]+)`", text))
    assert set(re.findall(r"^make ([a-z-]+)", shell, re.MULTILINE)) - TARGETS == set()
    ours = [m for m in re.findall(r"-m ((?:client|deploy|services|shared|tests)[\w.]*)", text) if "<" not in m]
    assert [module for module in ours if importlib.util.find_spec(module) is None] == []


@pytest.mark.parametrize("page", CARRIED_OUT, ids=name_of)
def test_every_block_is_run_or_says_why_not(page):
    """Above each block of a tutorial or how-to stands a comment: run, or not run with the reason."""
    bad = [
        str(b) for b in blocks(page) if b.mark not in {RUN, REFUSED, NOT_RUN} or (b.mark == NOT_RUN and len(b.why) < 15)
    ]
    assert bad == [], "write <!-- run --> or <!-- not run: why --> above the block"


@pytest.mark.parametrize("page", [*CARRIED_OUT, *sorted((DOCS / "runbooks").glob("*.md"))], ids=name_of)
def test_a_page_whose_commands_act_as_somebody_says_how_to_sign_in(page):
    """Otherwise its first command is refused, and the reader learns why from the refusal."""
    acting = [
        words
        for block in blocks(page)
        for words in calls(block.body)
        if any(words[: len(beginning)] == beginning for beginning in AS_SOMEBODY)
    ]
    if acting:
        assert re.search(r"ALONGSIDE_DEMO=1|sign-in-on-a-command-line|alongside sign-in", page.read_text("utf-8"))


@pytest.mark.parametrize("page", CARRIED_OUT, ids=name_of)
def test_no_page_leaves_another_address_in_the_shell(page):
    """What a reader exports stays: a later command with ALONGSIDE_URL would ask elsewhere, or be refused in a demo."""
    exported = [re.search(r"^export [^\n]*ALONGSIDE_URL=", block.body, re.MULTILINE) for block in blocks(page)]
    assert not any(exported)


def test_a_wrong_command_is_found():
    """An unknown command, an unknown option and a missing one are each named."""
    assert wrong_with(["perod", "seal"], whole=True) == "no command perod"
    assert wrong_with(["period", "seal", "2026-Q3", "--host", "alder"], whole=True) == "no option --host"
    assert wrong_with(["period", "seal", "2026-Q3"], whole=True).startswith("something is missing")
    assert calls("x=$(alongside status -o json | python3 -c '') && alongside doctor") == [
        ["status", "-o", "json"],
        ["doctor"],
    ]


def test_a_hosts_guide_is_plain():
    """What a host's data lead reads is plain English: a reading ease of 60 or more."""
    text = prose(DOCS / "tutorials" / "run-a-host-in-15-minutes.md")
    assert len(text.split()) > 300
    assert reading_ease(text) >= 60


def test_the_easy_read_notice_is_easy():
    """Survivors read it: a reading age of 10 or less."""
    text = prose(DOCS / "templates" / "privacy-notice-easy-read.md")
    assert len(text.split()) > 150
    assert reading_age(text) <= 10


@pytest.fixture(scope="module")
def stack(make_layout):
    """A pilot as make demo leaves it; ALONGSIDE_TEST_DEMO=HOME:PORT takes one that runs already."""
    given = os.environ.get("ALONGSIDE_TEST_DEMO")
    layout = make_layout()
    if given:
        home, _, port = given.rpartition(":")
        layout = Layout(home=Path(home), port_base=int(port))
    made = Stack(layout)
    if given:
        yield made
        return
    try:
        command = [sys.executable, "-W", "ignore", "-m", "client.main", "demo", "-o", "json"]
        done = subprocess.run(command, cwd=ROOT, env=environment(layout), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
        yield made
    finally:
        made.down()


def environment(layout):
    ours = {"PYTHONPATH": str(ROOT), "COLUMNS": "200", "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    return {**os.environ, **layout.as_environment(), **ours}


@pytest.mark.slow
@pytest.mark.integration
@pytest.mark.timeout(2400)
def test_the_documents_are_carried_out(stack, tmp_path):
    """A reader who follows the tutorials, then the how-tos, on one pilot comes to the end of each."""
    assert shutil.which("curl"), "the documents call APIs with curl: apt-get install curl"
    for folder in ("deploy", "docs", "client"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    how_to, tutorials = DOCS / "how-to", DOCS / "tutorials"
    first = [
        tutorials / "follow-one-fact-to-the-board.md",
        tutorials / "run-a-host-in-15-minutes.md",
        how_to / "onboard-a-host.md",
        how_to / "work-through-parked-messages.md",
    ]
    release, last = how_to / "publish-a-release.md", how_to / "rotate-keys-and-certificates.md"
    others = [page for page in CARRIED_OUT if page not in {*first, release, last}]
    took = {page: carry_out(page, stack, tmp_path) for page in (*first, *others)}
    estimates = [newcomers.estimate(name, page, took[page]) for name, page in newcomers.PATHS.items()]
    print("\n".join(one.words() for one in estimates))
    bring_to_protected_tables(stack)
    carry_out(release, stack, tmp_path)
    carry_out(last, stack, tmp_path)
    assert [one.words() for one in estimates if one.is_judged and one.total_s > newcomers.MOST_S] == []


def carry_out(page, stack, folder):
    """Run a page's blocks in one shell, in order, and give the seconds; fails with the block that did not work."""
    began = time.monotonic()
    lines = [
        "set -euo pipefail",
        f'alongside() {{ "{sys.executable}" -W ignore -m client.main "$@"; }}',
    ]
    for block in blocks(page):
        if block.mark == NOT_RUN:
            continue
        lines.append(f"echo '== {block.name}'")
        if block.until:
            holds = f"( set +o pipefail; {block.until} ) >/dev/null 2>&1"
            lines.append(f"for _ in $(seq 120); do if {holds}; then break; fi; sleep 1; done\n{holds}")
        refused = f"if (\n{block.body}\n); then echo 'it was not refused'; exit 9; fi"
        lines.append(refused if block.mark == REFUSED else block.body)
    done = subprocess.run(
        ["bash"],
        input="\n".join(lines),
        cwd=folder,
        env=environment(stack.layout),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{name_of(page)}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return time.monotonic() - began


def bring_to_protected_tables(stack):
    """Let six hosts report ten invented people each for one more period, so that there is something to publish."""
    pilot = Pilot.__new__(Pilot)
    pilot.stack, pilot.hosts = stack, [host.id for host in HOSTS]
    pilot.board = client_of(stack, "board", "statistician")
    period = Period.parse(LATER)
    pilot.set_clock(period.ends_at() - timedelta(days=1))
    pilot.board.post("/v1/tasks", {"period": LATER, "plan": "year-v1", "roster": pilot.hosts})
    for host in pilot.hosts:
        assert pilot.import_file(host, export_of(host, period))["state"] == "DONE"
    pilot.set_clock(period.ends_at() + timedelta(days=1))
    for host in pilot.hosts:
        pilot.settled_preview(host, LATER, episodes=10)
        pilot.sign(host, LATER)
    pilot.seal_all(LATER)
    assert pilot.close_period(LATER)["state"] == "PROTECTED"


def export_of(host, period):
    """Ten invented people of a host, all counted: half of them women."""
    heads = (
        "Client Ref,Referral Date,Age At Referral,Gender,Nationality,Exploitation Type,Nation,Statistics Consent,"
        "Consent Date,Consent Wording,Consent Language,Consent Method,Private Setting"
    )
    day = date(period.year, 2, 1)
    # Not like the demo's own references, or each would be asked about as a likely twin.
    rows = [
        f"LATER-{host.upper()}-{n},{day:%d/%m/%Y},Adult (18 or over),{('Female', 'Male')[n % 2]},Vietnamese,Labour,England,"
        f"Given,{day:%d/%m/%Y},{WORDING},vi,Interpreter,Yes"
        for n in range(10)
    ]
    return ("\n".join([heads, *rows]) + "\n").encode()
