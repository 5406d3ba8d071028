"""A machine key: valid until its end, one secret or two in an overlap, from its networks only."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.identity.machines.rules import SCOPES, MachineKey, OverlapOpenError
from shared.web.tokens import may_come_from

NOW = datetime(2026, 11, 27, tzinfo=UTC)
DAY = timedelta(days=1)
KEY = MachineKey(id="k", client_id="c", secret_index="a" * 64, scopes=("events:read",), organisation_id="alder")


def test_a_key_ends():
    """At its moment and not before; and at once where it is revoked."""
    ending = MachineKey(**{**vars(KEY), "expires_at": NOW + DAY})
    assert ending.is_valid(NOW)
    assert not ending.is_valid(NOW + DAY)
    assert KEY.is_valid(NOW + 10_000 * DAY)
    assert not MachineKey(**{**vars(KEY), "revoked": True}).is_valid(NOW)


def test_both_secrets_fit_during_an_overlap_and_one_after_it():
    """So that a machine's secret can be changed without a pause."""
    turned = KEY.rotated("b" * 64, "as_secret_bbbb", at=NOW, overlap=DAY)
    assert turned.fits("b" * 64, NOW)
    assert turned.fits("a" * 64, NOW + DAY / 2)
    assert not turned.fits("a" * 64, NOW + DAY)
    assert not turned.fits("c" * 64, NOW)
    assert not KEY.fits("0" * 64, NOW)


def test_a_third_secret_waits_unless_the_first_ends_at_once():
    """Who is robbed of a secret need not wait."""
    turned = KEY.rotated("b" * 64, "", at=NOW, overlap=DAY)
    with pytest.raises(OverlapOpenError):
        turned.rotated("c" * 64, "", at=NOW + DAY / 2, overlap=DAY)
    ended = turned.rotated("c" * 64, "", at=NOW + DAY / 2, overlap=timedelta())
    assert not ended.fits("a" * 64, NOW + DAY / 2)
    assert not ended.fits("b" * 64, NOW + DAY / 2)
    assert turned.rotated("c" * 64, "", at=NOW + DAY, overlap=DAY).fits("b" * 64, NOW + DAY)


@pytest.mark.parametrize(
    ("networks", "address", "may"),
    [
        ((), None, True),
        ((), "198.51.100.1", True),
        (("192.0.2.0/24",), "192.0.2.77", True),
        (("192.0.2.0/24",), "198.51.100.1", False),
        (("192.0.2.7",), "192.0.2.7", True),
        (("192.0.2.0/24",), "::ffff:192.0.2.77", True),
        (("2001:db8::/32",), "2001:db8::1", True),
        (("192.0.2.0/24",), "2001:db8::1", False),
        (("192.0.2.0/24",), None, False),
        (("192.0.2.0/24",), "unix:", False),
    ],
)
def test_only_from_its_networks(networks, address, may):
    """Whatever is unclear is a no."""
    assert may_come_from(networks, address) is may


def test_every_scope_that_a_route_asks_for_can_be_given_and_no_other():
    """A scope that no key can have would close a route; one that opens nothing would mislead."""
    asked = set()
    for file in (Path(__file__).parents[3] / "services").rglob("*.py"):
        asked |= set(re.findall(r'(?:scope=|SCOPE = )"([a-z:-]+)"', file.read_text(encoding="utf-8")))
    assert asked == set(SCOPES)
