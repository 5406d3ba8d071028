"""The pages of one service, and what their site is told of it."""

from dataclasses import dataclass
from enum import Enum

from flask import Blueprint

from shared.kernel.tenancy import TenantId
from shared.web.pages.grant import Grant


class Part(Enum):
    """Under which heading a page stands where somebody has many, in this order; the value is the heading."""

    PEOPLE = "People"
    CONSENT = "Consent"
    RIGHTS = "Rights and safety"
    LOOKS = "Who looked"
    DATA = "Data and figures"
    HOST = "This organisation"
    OTHER = "More"


@dataclass(frozen=True, kw_only=True)
class Link:
    """One entry of the navigation.

    Attributes:
        path: Address; it is the current one below itself too.
        roles: Who sees it; empty for everybody, signed in or not.
        does: What one does there, in a sentence; shown where a role begins.
        part: With which others it stands.
        daily: To which of its readers it is shown before the others, as work that comes up day by day.
    """

    path: str
    words: str
    roles: tuple[str, ...] = ()
    does: str = ""
    part: Part = Part.OTHER
    daily: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PageSet:
    """The pages of one service.

    Attributes:
        blueprint: A plain Flask one; its routes call ``Gateway.require``, ``read`` and ``command`` as the API's do.
        prefixes: Address beginnings that need a session, such as ``/host``.
        open_paths: Whole addresses that need none, such as ``/``, or all below one, such as ``/enrol/*``; who is signed
            in is known there too.
        roles: Who has something to see here; any other role's forms are refused unread. Also what the sign-in offers
            where somebody must choose a role.
        home: Where somebody with one of these roles begins.
        begins: Whose sign-in ends at ``home``, where the page is not the first for each of ``roles``; None for all.
    """

    blueprint: Blueprint
    prefixes: tuple[str, ...]
    open_paths: tuple[str, ...] = ()
    roles: tuple[str, ...]
    home: str
    begins: tuple[str, ...] | None = None
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SiteSettings:
    """What a site needs besides its page sets.

    Attributes:
        place: Whose site it is, in words.
        form_key: 32 secret bytes for the forms' tokens alone.
        grant: Who knows the passwords; None where this process was told of nobody.
    """

    tenant_id: TenantId
    place: str
    form_key: bytes
    grant: Grant | None
