"""Which network addresses may be reached from here: only those of the public internet, by a list that stands here.

Promise: an address of a private, local, shared, reserved, documentation or multicast range, one that carries another
address inside it (mapped, NAT64, 6to4, Teredo), and one that cannot be read is refused; of a name, one refused address
is enough. Shown by tests/unit/integrations/test_webhook_addresses.py.
Limit: the server's own public address is public; whoever runs it keeps what is not meant for everybody behind its door.
"""

import ipaddress
from collections.abc import Iterable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# IANA's special-purpose registries (RFC 6890), multicast, and cloud machines' addresses that look public.
REFUSED: tuple[Network, ...] = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's host of the virtual machine.
        "169.254.0.0/16",  # Link-local, and with it most clouds' metadata.
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "::/3",  # Unspecified, loopback, mapped, compatible, NAT64 and discard-only.
        "2001::/23",  # Teredo, ORCHID, benchmarking and other assignments of protocols.
        "2001:db8::/32",
        "2002::/16",  # 6to4 carries an IPv4 address.
        "2620:4f:8000::/48",
        "3fff::/20",
        "4000::/2",
        "8000::/1",  # Unassigned, unique local, link-local, site-local and multicast.
    )
)
LOOPBACK: tuple[Network, ...] = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))


def is_refused(text: str, *, loopback: bool = False) -> bool:
    """Whether nothing may be sent to an address.

    Args:
        text: As a resolver gives it.
        loopback: Whether this machine's own loopback is wanted, and then nothing else: in demo and test stacks.
    """
    try:
        address: Address = ipaddress.ip_address(text)
    except ValueError:
        return True
    if loopback:
        return not _within(address, LOOPBACK)
    # The interpreter's own opinion counts too where it is the stricter one.
    return _within(address, REFUSED) or not address.is_global


def allowed(addresses: Iterable[str], *, loopback: bool = False) -> list[str]:
    """Give a name's addresses in their order if each may be reached, else none."""
    found = list(dict.fromkeys(addresses))
    return [] if any(is_refused(one, loopback=loopback) for one in found) else found


def _within(address: Address, networks: Iterable[Network]) -> bool:
    return any(address.version == network.version and address in network for network in networks)
