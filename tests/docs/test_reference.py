"""The reference pages say what the code says."""

import pytest

from deploy.docs import configuration, generate, licences
from deploy.docs.configuration import UndescribedSettingError
from deploy.docs.errors import ROOT_CLASS, code_of, error_classes
from deploy.docs.events import example
from deploy.docs.licences import UnknownLicenceError, licence_of
from shared.contracts.registry import EVENTS


@pytest.mark.parametrize("name", generate.PAGES)
def test_a_page_is_as_the_code_is(name):
    """Written anew, each page of docs/reference is the same; else: python -m deploy.docs.generate."""
    expected = generate.PAGES[name]()
    assert (generate.REFERENCE / name).read_text(encoding="utf-8") == expected


def test_a_page_that_lags_behind_is_named(tmp_path, monkeypatch):
    """The comparison fails on one changed word."""
    monkeypatch.setattr(generate, "PAGES", {"metrics.md": generate.PAGES["metrics.md"]})
    (tmp_path / "metrics.md").write_text(generate.PAGES["metrics.md"]().replace("gauge", "meter", 1), encoding="utf-8")
    assert generate.outdated(tmp_path) == ["metrics.md"]


@pytest.mark.parametrize("event_type", sorted(EVENTS))
def test_an_example_fits_its_contract(event_type):
    """Each event's example has every field, and its decoder takes it."""
    assert example(EVENTS[event_type])


def test_a_setting_without_words_is_refused(monkeypatch):
    """A setting that the code reads and the page does not explain ends the generation."""
    less = {name: words for name, words in configuration.VARIABLES.items() if name != "ALONGSIDE_HOME"}
    monkeypatch.setattr(configuration, "VARIABLES", less)
    with pytest.raises(UndescribedSettingError, match="ALONGSIDE_HOME"):
        configuration.configuration_page()


def test_every_error_has_a_code_and_words():
    """No error of the product is without a code of its own family, and each says what it means."""
    found = error_classes()
    assert len(found) > 100
    bare = [e.name for e in found.values() if not e.about or (code_of(e, found) == "error" and e.name != ROOT_CLASS)]
    assert bare == []


def test_a_licence_that_nobody_allowed_ends_the_generation(monkeypatch):
    """Also one that is merely unknown."""
    assert licence_of("msgspec") == "BSD-3-Clause"
    for licence in ("GPL-3.0-only", "Somebody's own words", ""):
        monkeypatch.setitem(licences.STATED, "msgspec", licence)
        with pytest.raises(UnknownLicenceError, match="msgspec"):
            licence_of("msgspec")


def test_every_locked_distribution_is_listed():
    """With its version, from both locks."""
    page = licences.licences_page()
    assert len(licences.locked()) > 60
    assert all(f"| `{name}` | {version} |" in page for name, version in licences.locked().items())
