"""``publiccode.yml`` follows the standard's version 0.4 and says what the project says elsewhere."""

import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
STATED = yaml.safe_load((ROOT / "publiccode.yml").read_text(encoding="utf-8"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_it_has_what_the_standard_asks_for():
    """The keys that version 0.4 requires, each of the closed values that it allows."""
    required = {
        "publiccodeYmlVersion", "name", "platforms", "developmentStatus", "softwareType", "description", "legal",
        "maintenance", "localisation",
    }  # fmt: skip
    assert required <= set(STATED)
    assert STATED["publiccodeYmlVersion"] == "0.4"
    assert STATED["developmentStatus"] in {"concept", "development", "beta", "stable", "obsolete"}
    assert STATED["softwareType"] in {"standalone/backend", "standalone/web", "standalone/other", "library"}
    assert STATED["maintenance"]["type"] in {"internal", "contract", "community", "none"}
    assert STATED["maintenance"]["contacts"]
    for words in STATED["description"].values():
        assert len(words["shortDescription"]) <= 150
        assert 150 <= len(words["longDescription"]) <= 10_000
        assert words["features"]
        assert all(len(feature) <= 100 for feature in words["features"])


def test_it_agrees_with_the_project():
    """Name, version, licence and Python's least version are those of pyproject.toml; the documentation is there."""
    assert STATED["name"].lower() == PROJECT["name"]
    assert STATED["softwareVersion"] == PROJECT["version"]
    assert STATED["legal"]["license"] == PROJECT["license"] == "Apache-2.0"
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").strip().startswith("Apache License")
    (python,) = [d for d in STATED["dependsOn"]["open"] if d["name"] == "Python"]
    assert PROJECT["requires-python"] == f">={python['versionMin']}"
    assert (ROOT / STATED["description"]["en"]["documentation"]).exists()
