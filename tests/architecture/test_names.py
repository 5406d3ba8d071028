"""Names and exit codes are written down once: whoever uses one takes it from where it stands."""

import ast
from pathlib import Path

import pytest

from shared.bus import names
from shared.kernel import exits

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = [p for folder in ("client", "deploy", "services", "shared") for p in (ROOT / folder).rglob("*.py")]
# A word of everyday speech, such as "retry", may well be said of something else.
SPELT_OUT = {v for k, v in vars(names).items() if k.isupper() and isinstance(v, str) and set(v) & set(".-")}
BEGINNINGS = ("q.", "parking.", "retry.", "to.", "courier.", "marker.", "as_", "t-", "x-stream-")
WHERE = {"shared/bus/names.py", "shared/kernel/tenancy.py"}


def spelt_out(text):
    """Give the names that a text spells out: as a whole, or as the beginning of one that it makes."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in SPELT_OUT:
            found.add(node.value)
        elif isinstance(node, ast.JoinedStr) and len(node.values) > 1 and isinstance(node.values[0], ast.Constant):
            beginning = str(node.values[0].value)
            found |= {one for one in BEGINNINGS if beginning == one}
    return found


def test_no_name_of_the_broker_or_a_database_is_spelt_out():
    """Exchange, queue, user, header, vhost and database names stand in two modules, and nowhere else."""
    found = {p.relative_to(ROOT).as_posix(): spelt_out(p.read_text(encoding="utf-8")) for p in PRODUCT}
    wrong = {name: said for name, said in found.items() if said and name not in WHERE}
    # What a machine is called by is made of letters that look like a database's name.
    assert wrong == {"services/identity/machines/routes.py": {"as_"}}


@pytest.mark.parametrize("text", ["a = 'x-reason'", "a = 'hosts.inbox'", "a = f'parking.{s}'", "a = f'as_{t}_case'"])
def test_a_name_that_is_spelt_out_is_seen(text):
    """However it is written."""
    assert spelt_out(text)


def test_exit_codes_stand_in_one_module():
    """Nobody else gives an exit code a name, and each has a meaning for the reference."""
    for path in PRODUCT:
        if path == ROOT / "shared" / "kernel" / "exits.py":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        targets = [t for node in ast.walk(tree) if isinstance(node, ast.Assign) for t in node.targets]
        named = {n.id for target in targets for n in ast.walk(target) if isinstance(n, ast.Name)}
        assert not {name for name in named if name.startswith("EXIT_")}, path
    assert {v for k, v in vars(exits).items() if k.startswith("EXIT_")} == set(exits.MEANINGS)
