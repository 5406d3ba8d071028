"""Which addresses a webhook may reach."""

import ipaddress

import pytest

from shared.web.outbound.addresses import REFUSED, allowed, is_refused

NOT_PUBLIC = [
    "0.0.0.0", "10.1.2.3", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.255.254", "168.63.129.16",  # noqa: S104
    "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.1.1",
    "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1",
    "64:ff9b::808:808", "64:ff9b:1::1", "100::1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1",
    "2002:7f00:1::", "2002:808:808::1", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0",
    "fec0::1", "ff02::1", "ff0e::1",
]  # fmt: skip


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_what_is_not_of_the_public_internet_is_refused(address):
    """Private, local, shared, reserved, multicast, and whatever carries another address inside."""
    assert is_refused(address)


@pytest.mark.parametrize(
    "text", ["", "localhost", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "1.2.3.4.5", " 8.8.8.8"]
)
def test_what_cannot_be_read_is_refused(text):
    """Unknown counts as no."""
    assert is_refused(text)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "100.63.255.255", "172.32.0.1", "2606:4700::1111", "2a00:1450::1"]
)
def test_the_public_internet_may_be_reached(address):
    """Also right beside a refused range."""
    assert not is_refused(address)


def test_every_listed_range_is_refused_to_both_its_ends():
    """First and last address of each, whatever the interpreter's own lists say."""
    ends = [str(network[n]) for network in REFUSED for n in (0, -1)]
    assert [one for one in ends if not is_refused(one)] == []


def test_one_refused_address_is_enough():
    """A name that leads to a good and a bad address leads nowhere; an empty answer neither."""
    assert allowed(["8.8.8.8", "10.0.0.1"]) == []
    assert allowed(["10.0.0.1", "8.8.8.8"]) == []
    assert allowed([]) == []
    assert allowed(["8.8.8.8", "1.1.1.1", "8.8.8.8"]) == ["8.8.8.8", "1.1.1.1"]


def test_where_loopback_is_wanted_nothing_else_is():
    """A demo reaches its own machine, not its network."""
    assert allowed(["127.0.0.1", "::1"], loopback=True) == ["127.0.0.1", "::1"]
    assert [a for a in [*NOT_PUBLIC, "8.8.8.8"] if not is_refused(a, loopback=True)] == [
        a for a in NOT_PUBLIC if "%" not in a and ipaddress.ip_address(a).is_loopback and not a.startswith("::f")
    ]
