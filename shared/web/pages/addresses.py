"""Which addresses are pages, which of them need a session, and where somebody of a role begins.

Shown by tests/unit/shared/web/test_pages_site.py.
"""

import re
from collections.abc import Iterable, Sequence

from flask import request

from shared.kernel.tenancy import RESERVED, TenantId
from shared.web.pages import assets, words
from shared.web.pages.page_sets import PageSet

SIGN_IN, SIGN_OUT, START = "/sign-in", "/sign-out", "/start"

_GOOD_NEXT = re.compile(r"/[A-Za-z0-9/_.-]{0,199}")


class Addresses:
    """The addresses of one tenant's site.

    Attributes:
        prefixes: Address beginnings that need a session.
        own_start: Whether no page set answers the site's first address.
    """

    def __init__(self, tenant_id: TenantId, page_sets: Iterable[PageSet]) -> None:
        """Take the page sets of the services that run here."""
        self._tenant_id = tenant_id
        self.page_sets: Sequence[PageSet] = tuple(page_sets)
        self.prefixes = (START, *(prefix for pages in self.page_sets for prefix in pages.prefixes))
        opened = {path for pages in self.page_sets for path in pages.open_paths}
        self._open_below = tuple(path[:-1] for path in opened if path.endswith("*"))
        self._open = opened | {SIGN_IN, SIGN_OUT}
        self.own_start = "/" not in self._open
        if self.own_start:
            self._open.add("/")

    def wants_page(self) -> bool:
        """Whether an error is shown as a page: on an address of ours unless JSON is preferred, elsewhere if HTML is."""
        accepted = request.accept_mimetypes
        html = accepted["text/html"]
        machine = max(accepted["application/problem+json"], accepted["application/json"])
        if request.path.startswith("/v1/"):
            return False
        return html >= machine if self.covers(request.path) else html > machine

    def covers(self, path: str) -> bool:
        """Whether an address is a page's."""
        is_open = path in self._open or path.startswith((assets.PREFIX, *self._open_below))
        return is_open or self.needs_session(path)

    def needs_session(self, path: str) -> bool:
        """Whether an address is only for who is signed in."""
        return any(path == prefix or path.startswith(prefix + "/") for prefix in self.prefixes)

    def home(self, role: str) -> str:
        """Give where somebody of a role begins."""
        fitting = [
            pages.home for pages in self.page_sets if role in (pages.roles if pages.begins is None else pages.begins)
        ]
        return fitting[0] if fitting else START

    def may_lead_to(self, path: str) -> bool:
        """Whether a sign-in may go on to an address: a page of ours that needs a session, nothing else."""
        return bool(_GOOD_NEXT.fullmatch(path)) and "//" not in path and self.needs_session(path)

    def may_enter(self, path: str, role: str) -> bool:
        """Whether an address is of use to a role, so that a sign-in may end there."""
        fitting = [p for p in self.page_sets if any(path == x or path.startswith(x + "/") for x in p.prefixes)]
        return path == START or any(role in pages.roles for pages in fitting)

    def may_be_for(self, path: str, role: str) -> bool:
        """Whether a role may have a right at an address: one that needs a session is for its pages' roles alone."""
        return not self.needs_session(path) or self.may_enter(path, role)

    def roles(self) -> tuple[str, ...]:
        """Give every role in which somebody may sign in here; those with pages of their own come first."""
        with_pages = (role for pages in self.page_sets for role in pages.roles)
        here = words.CENTRE_ROLES if self._tenant_id in RESERVED else words.HOST_ROLES
        known = (role for role in with_pages if role in here)
        return tuple(dict.fromkeys((*known, *here)))
