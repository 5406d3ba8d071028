"""The host's advocates by name, as identity tells a page under its reader's own rights.

Promise: a reader whom identity tells nothing gets None, and no page fails of it. Shown by
tests/integration/pages/test_team_pages.py and tests/integration/pages/test_emergency_pages.py.
"""

from shared.web.listing import MOST
from shared.web.pages.edge import ask


def names_of_advocates() -> dict[str, str] | None:
    """Give each advocate's name by id, in the order of names; None where identity does not say."""
    told = ask("/v1/advocates", query={"limit": str(MOST)})
    if told is None:
        return None
    rows = sorted(told["items"], key=lambda one: str(one["display_name"]).casefold())
    return {one["id"]: one["display_name"] for one in rows}
