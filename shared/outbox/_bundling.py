"""Whether a relay may put several events into one message: only where no older program reads any more.

An older program parks what it does not know (``shared.bus.bundles``). So the marker document of a database says
when bundles may leave: from the beginning where it was provisioned by a program that knows them, else once the
operator has carried out the contract steps of an upgrade, which is when no old program runs
(docs/how-to/upgrade.md, ``tests/integration/keeping/test_bundling.py``).
"""

from typing import Any

from pymongo.database import Database

_MARKER = {"_id": "marker"}
_FIELD = "bundles"


def may_bundle(database: Database[dict[str, Any]]) -> bool:
    """Whether the database says so."""
    marker = database["marker"].find_one(_MARKER, {_FIELD: 1})
    return marker is not None and marker.get(_FIELD) is True


def allow_bundles(database: Database[dict[str, Any]]) -> None:
    """Say so from now on; a relay reads it when it next begins to lead."""
    database["marker"].update_one(_MARKER, {"$set": {_FIELD: True}})
