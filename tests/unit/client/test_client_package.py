"""The client library is installed by itself: it needs nothing else of this code."""

import ast
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
LIBRARY = ROOT / "client" / "alongside_client"


def test_it_imports_httpx_and_itself_alone():
    """Whoever installs it gets no server."""
    modules = set()
    for file in LIBRARY.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                modules.add("itself" if node.level == 1 else str(node.module).partition(".")[0])
            elif isinstance(node, ast.Import):
                modules |= {alias.name.partition(".")[0] for alias in node.names}
    assert modules - set(sys.stdlib_module_names) == {"httpx", "itself"}


def test_its_needs_are_those_of_the_whole():
    """One range of httpx, so that both can be installed side by side."""
    own = tomllib.loads((LIBRARY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    whole = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(own["dependencies"]) <= set(whole["dependencies"])
    assert own["requires-python"] == whole["requires-python"]


@pytest.mark.timeout(120)
def test_a_wheel_of_it_has_every_module_and_says_that_it_is_typed(tmp_path):
    """Built as pip builds it, without any network."""
    copied = tmp_path / "alongside_client"
    shutil.copytree(LIBRARY, copied, ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index",
               "--wheel-dir", tmp_path / "wheels", copied]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = (tmp_path / "wheels").glob("alongside_client-*.whl")
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("alongside_client/")}
    assert packed == {f"alongside_client/{f.name}" for f in (*LIBRARY.glob("*.py"), LIBRARY / "py.typed")}
