"""Which addresses (URLs) a webhook may have, and their parts; read once, so that no second reader sees another place.

Promise: https to a name of the public DNS, on a listed port, and nothing that different programs read differently:
no user or password, no number for a host however it is written, no dot at the end, no escape in the host, no fragment.
http, and only to this machine's loopback, in demo stacks. Shown by tests/unit/integrations/test_webhook_targets.py.
"""

import re
from dataclasses import dataclass

from shared.kernel.errors import InvalidInputError

LONGEST = 512
PORTS = frozenset({443, 8443})
_LONGEST_HOST = 253
_DEMO_PORTS = range(1024, 2**16)
_LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost"})
_NOT_PUBLIC = frozenset(
    {"localhost", "local", "internal", "intranet", "lan", "corp", "home", "arpa", "onion", "test", "invalid", "alt"}
)
"""Last labels that name nothing in the public DNS; what a private resolver makes of them is its own affair."""
_SHAPE = re.compile(
    r"(?P<scheme>https?)://(?P<host>[A-Za-z0-9.-]+)(?::(?P<port>[1-9][0-9]{0,4}))?"
    r"(?P<path>/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?(?P<query>\?[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?"
)
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_LAST_LABEL = re.compile(r"[a-z][a-z0-9-]*")
"""A last label that begins with a digit would let a resolver take the whole for a number, such as 0x7f.1."""


class WebhookAddressError(InvalidInputError):
    """A webhook's address is none that anything may be sent to."""

    code = "webhook-address"

    def __init__(self, why: str) -> None:
        """Say what is wrong, without the address, which may hold somebody's secret."""
        super().__init__(f"This address cannot be a webhook's: {why}")


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where a webhook goes, in parts.

    Attributes:
        host: In lower case; for the resolver, the certificate and the Host header alike.
        path: With its query.
        loopback: Whether it is this machine itself, and then nothing else.
    """

    scheme: str
    host: str
    port: int
    path: str
    loopback: bool = False

    @property
    def authority(self) -> str:
        """The Host header."""
        usual = 443 if self.scheme == "https" else 80
        return self.host if self.port == usual else f"{self.host}:{self.port}"


def read_target(url: str, *, demo: bool) -> Target:
    """Give an address's parts.

    Args:
        url: As somebody wrote it.
        demo: Whether http to this machine's loopback is taken too.

    Raises:
        WebhookAddressError: Nothing may be sent there.
    """
    if len(url) > LONGEST:
        raise WebhookAddressError(f"it is longer than {LONGEST} characters.")
    shape = _SHAPE.fullmatch(url)
    if shape is None:
        raise WebhookAddressError(
            "it must read https://name/path, in plain ASCII, with no user name, fragment, space or backslash. A name "
            "in other letters is written in its xn-- form, an address in brackets is not taken."
        )
    host, port = shape["host"].lower(), int(shape["port"] or 0)
    path = (shape["path"] or "/") + (shape["query"] or "")
    if shape["scheme"] == "http":
        if not demo or host not in _LOOPBACK_HOSTS or port not in _DEMO_PORTS:
            raise WebhookAddressError("it must begin with https://, so that nobody on the way can read or change it.")
        return Target(scheme="http", host=host, port=port, path=path, loopback=True)
    if port and port not in PORTS:
        raise WebhookAddressError(f"its port must be one of {', '.join(map(str, sorted(PORTS)))}.")
    _check_host(host)
    return Target(scheme="https", host=host, port=port or 443, path=path)


def _check_host(host: str) -> None:
    labels = host.split(".")
    if len(host) > _LONGEST_HOST or not all(_LABEL.fullmatch(label) for label in labels):
        raise WebhookAddressError("its host is no well-formed name; it may not end with a dot.")
    if len(labels) == 1 or not _LAST_LABEL.fullmatch(labels[-1]):
        raise WebhookAddressError("its host must be a full name such as hooks.example.org, and not a number.")
    if labels[-1] in _NOT_PUBLIC:
        raise WebhookAddressError("its host's name is not one of the public internet.")
