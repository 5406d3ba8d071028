"""The outbox has few doors: six public modules, and what stands behind them is nobody else's."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PUBLIC = {"commands", "committer", "documents", "hearings", "machinery", "unit_of_work"}
# White boxes: what they break or measure lies behind the doors.
TESTS_OF_IT = ("tests/kernel/",)


def imports(text):
    """Give every module that a text imports, and every name that it takes from one."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{one.name}" for one in node.names)


def inner(text):
    """Give the underscored modules of shared/ that a text imports."""
    hidden = set()
    for name in imports(text):
        parts = name.split(".")
        path = ROOT.joinpath(*parts).with_suffix(".py")
        if parts[0] == "shared" and parts[-1].startswith("_") and path.exists():
            hidden.add(name)
    return hidden


def test_the_outbox_has_six_public_modules():
    """What others import stands in six modules; every other one has an underscore."""
    found = {p.stem for p in (ROOT / "shared" / "outbox").glob("*.py") if not p.stem.startswith("_")}
    assert found == PUBLIC


def test_nobody_outside_imports_what_is_underscored():
    """An underscored module of shared/ is imported by its own package, and by the tests that look inside it."""
    found = {}
    for folder in ("client", "deploy", "services", "shared", "tests"):
        for path in (ROOT / folder).rglob("*.py"):
            name = path.relative_to(ROOT).as_posix()
            own = ".".join(path.parent.relative_to(ROOT).parts)
            foreign = {one for one in inner(path.read_text(encoding="utf-8")) if one.rpartition(".")[0] != own}
            if foreign and not name.startswith(TESTS_OF_IT):
                found[name] = foreign
    assert found == {}


def test_a_module_taken_from_behind_a_door_is_seen():
    """However it is imported, a hidden module is found; a name that only begins with an underscore is none."""
    assert inner("from shared.outbox import _relay") == {"shared.outbox._relay"}
    assert inner("import shared.outbox._relay as relay") == {"shared.outbox._relay"}
    assert inner("from shared.outbox._relay import Relay") == {"shared.outbox._relay"}
    assert inner("from shared.bus.topology import _HEARD") == set()
