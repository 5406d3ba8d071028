"""The command line is built once: each run of a test's would build some two hundred commands anew."""

from functools import cache

import pytest
import typer.testing
from typer.main import get_command


@pytest.fixture(scope="session", autouse=True)
def built_once():
    """Let the runner of tests build each application once; what is built keeps nothing from one run to the next."""
    before, typer.testing._get_command = typer.testing._get_command, cache(get_command)
    yield
    typer.testing._get_command = before
