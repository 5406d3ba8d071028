"""Which worker runs what."""

from pathlib import Path

from tests.kit.scheduling import APART, LONG, WITH, ByModule, LongestFirst

ROOT = Path(__file__).resolve().parents[3]


def unit_of(test):
    return ByModule._split_scope(None, test)


def test_modules_that_start_many_containers_never_run_side_by_side():
    """Each would wait for the other's processor until it gives up."""
    compose, own = "tests/images/test_compose.py", "tests/images/test_own_infrastructure.py"
    assert unit_of(f"{compose}::test_a") == unit_of(f"{own}::test_b")
    assert unit_of("tests/images/test_sbom.py::test_c") != unit_of(f"{own}::test_b")


def test_the_longest_begin_first():
    """Of what is listed and what is not."""
    units = LongestFirst({"tests/docs/test_a.py": 1, "tests/images/test_compose.py": 2, "tests/e2e/test_demo.py": 3})
    taken = [units.popitem()[0] for _ in range(3)]
    assert taken == ["tests/images/test_compose.py", "tests/e2e/test_demo.py", "tests/docs/test_a.py"]


def test_every_module_that_is_named_is_there():
    """A module that moved would count as short."""
    assert [name for name in (*LONG, *APART, *WITH, *WITH.values()) if not (ROOT / name).is_file()] == []
