"""``make test PART=case`` runs one part, which one table names."""

from pathlib import Path

from deploy.engines.layout import PROJECT_ROOT
from shared.kernel.tenancy import BOARD, CUSTODIAN, TENANT_SERVICES
from tests.kit.parts import PARTS, main

# What is nobody's part: rules of the whole tree, and the suite's own.
WHOLE_TREE = {"tests/unit/suite", "tests/unit/demo", "tests/integration/test_provisioning.py"}


def test_every_service_has_a_part():
    """A service's name is its part's."""
    assert {*TENANT_SERVICES, BOARD, CUSTODIAN} <= set(PARTS)


def test_every_path_of_a_part_is_there():
    """A folder that moved takes its line with it."""
    assert [path for paths in PARTS.values() for path in paths if not (PROJECT_ROOT / path).exists()] == []


def test_every_folder_of_tests_belongs_to_a_part():
    """A new folder of a service is run by its part, and not only by the whole suite."""
    listed = [Path(path) for paths in PARTS.values() for path in paths] + [Path(path) for path in WHOLE_TREE]
    folders = {path.parent.relative_to(PROJECT_ROOT) for path in (PROJECT_ROOT / "tests").rglob("test_*.py")}
    orphans = [
        str(folder)
        for folder in folders
        if not any(path == folder or path in folder.parents or folder in path.parents for path in listed)
    ]
    assert [folder for folder in orphans if folder not in ("tests", "tests/unit")] == []


def test_a_part_is_printed_as_paths(capsys):
    """What the Makefile hands to pytest."""
    assert main(["audit"]) == 0
    assert capsys.readouterr().out == "tests/integration/audit\n"


def test_an_unknown_part_is_told_which_there_are(capsys):
    """Exit code 2, and every name."""
    assert main(["billing"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("There is no such part: 'billing'. There are: audit, board,")
    assert all(name in said for name in PARTS)
