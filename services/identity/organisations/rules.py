"""Organisations for which people act; pure."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Organisation:
    """An organisation for which people act; nation and setting are codes."""

    id: str
    name: str
    nation: str
    setting: str
