"""What linters cannot see: lengths, cards, unfinished marks, machine paths."""

import ast
import importlib
import re
import subprocess
from pathlib import Path

import pytest

from shared.bus.subscriptions import HEARD
from shared.contracts.registry import EVENTS
from shared.kernel.tenancy import BOARD, CUSTODIAN, TENANT_SERVICES

ROOT = Path(__file__).resolve().parents[2]
SERVICES = (*TENANT_SERVICES, BOARD, CUSTODIAN)


def tracked(*endings):
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / line for line in listed.splitlines() if line.endswith(endings) and (ROOT / line).exists()]


def lines(path):
    return len(path.read_text(encoding="utf-8").splitlines())


def of(path):
    return path.relative_to(ROOT).parts[0]


def test_modules_are_short():
    """No module of client, services or shared is over 250 lines without a reason in its docstring, none over 400."""
    product = {p: lines(p) for p in tracked(".py") if of(p) != "tests"}
    long = {p: n for p, n in product.items() if n > (250 if of(p) in ("client", "services", "shared") else 400)}
    no_reason = {
        str(p.relative_to(ROOT)): n
        for p, n in long.items()
        if n > 400
        or "Over 250 lines because" not in (ast.get_docstring(ast.parse(p.read_text(encoding="utf-8"))) or "")
    }
    assert no_reason == {}


def test_modules_of_tests_have_names_of_their_own():
    """Pytest takes two modules of one name for one."""
    names = [p.stem for p in tracked(".py") if p.name.startswith("test_")]
    assert {name for name in names if names.count(name) > 1} == set()


def test_nothing_is_unfinished():
    """No unfinished mark stands in the product."""
    marks = re.compile(r"\b(TO" + "DO|FIX" + "ME|NotImplemented" + "Error)\\b")
    assert [str(p) for p in tracked(".py") if marks.search(p.read_text(encoding="utf-8"))] == []


# What tells of the desk at which something was written, and nothing to who reads it; in a form that is none of it itself.
OF_A_DESK = re.compile(
    r"(?<![\w.}/-])/(work|root|home|tmp|check)/[a-zA-Z.]|[p]ypi\.org|[r]egistry\.npmjs|[d]eb\.debian"
    r"|(?i:[c]o-authored-by|the [b]rief\b|[w]orktrees?\b)"
)


def test_nothing_tells_of_somebodys_desk():
    """A committed text names no folder of a machine, no host of a package registry, and not how it came to be written."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    found = []
    for name in {*listed.split("\0")} - {""}:
        if (ROOT / name).is_file() and b"\0" not in (content := (ROOT / name).read_bytes()):
            text = content.decode("utf-8", errors="replace")
            found += [f"{name}: {told[0]}" for told in OF_A_DESK.finditer(text)]
    assert found == []


def folder(*parts):
    """Give the path of a machine's folder, which so stands nowhere in this file."""
    return "/" + "/".join(parts)


@pytest.mark.parametrize(
    "told",
    [
        f"see {folder('work', 'x')}", f'"{folder("tmp", "abc")}"', f"`{folder('root', '.venv')}`",
        "Co-" + "authored-by: X", "of the " + "brief", "https://py" + "pi.org",
    ],
    ids=["a path", "in quotes", "a hidden folder", "an author", "an order", "a registry"],
)  # fmt: skip
def test_what_tells_of_a_desk_is_seen(told):
    """At the start of a path, in quotes, in any case."""
    assert OF_A_DESK.search(told)


@pytest.mark.parametrize(
    "plain", ["./secrets/home/tls", "${X:-./secrets}/home/clock", "https://host/home/page", "a brief text"]
)
def test_what_others_may_have_is_no_desk(plain):
    """A folder below another one is nobody's machine."""
    assert not OF_A_DESK.search(plain)


def test_no_drawer_for_odds_and_ends():
    """No module is called utils, common or helpers."""
    assert [str(p) for p in tracked(".py") if p.stem in {"utils", "common", "helpers"}] == []


@pytest.mark.parametrize("service", SERVICES)
def test_a_services_card_tells_the_truth(service):
    """What the card says it listens to and publishes is what topology and registry say."""
    card = importlib.import_module(f"services.{service}").__doc__ or ""
    for line in ("Owns:", "Accepts:", "Listens to:", "Publishes:", "Never:"):
        assert line in card
    said = set(re.findall(r"[a-z]+\.[a-z_]+\.v\d+", card))
    heard = {e.event_type for events in HEARD.get(service, {}).values() for e in events}
    stated = {
        t for t, cls in EVENTS.items() if cls.source == service and not t.endswith(("mark.v1", "audit_recorded.v1"))
    }
    expected = {t.removeprefix("alongside.") for t in heard | stated}
    assert {t for t in said if not t.endswith("audit_recorded.v1")} == expected


def test_every_test_says_its_rule():
    """Each test function has a docstring."""
    silent = []
    for path in tracked(".py"):
        if path.name.startswith("test_"):
            nodes = [n for n in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(n, ast.FunctionDef)]
            tests = [n for n in nodes if n.name.startswith("test_")]
            silent += [f"{path.name}:{n.lineno}" for n in tests if not ast.get_docstring(n)]
    assert silent == []
