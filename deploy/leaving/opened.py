"""What a host keeps closed with a key of its own, which is no survivor's, as a line of its package has it.

Promise: each collection of a package that holds something closed so is opened here, so nothing of it is missing without
a word. Shown by tests/unit/deploy/test_leaving_chosen.py and tests/integration/leaving/test_leaving_package.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from services.audit.unusual.documents import finding_from
from services.audit.unusual.sealing import ClosingWords
from services.case.interpreters.documents import ClosedWords
from services.identity.people.names import StaffNames
from shared.kernel.tenancy import TenantId
from shared.keys.fields import CiphertextMovedError
from shared.keys.tenant_key import KeyWrapper

OPENED: Mapping[str, tuple[str, ...]] = {
    "identity.users": ("login", "name"),
    "case.interpreters": ("name", "dialects", "agency", "communities", "ties"),
    "audit.unusual_findings": ("closings",),
}
"""Collections that hold something closed so, and its names in a line; they stand right after ``id``."""


class HostWords:
    """Opens it."""

    def __init__(self, key: KeyWrapper, tenant: TenantId) -> None:
        """Take the tenant's key."""
        self._staff = StaffNames(key, tenant)
        self._interpreters = ClosedWords(key, tenant)
        self._closings = ClosingWords(key, tenant)
        self._of: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
            "identity.users": self._of_staff,
            "case.interpreters": self._of_interpreter,
            "audit.unusual_findings": self._of_finding,
        }

    def of(self, collection: str, document: Mapping[str, Any]) -> dict[str, Any]:
        """Give the names of ``OPENED`` with what they hold; of any other collection nothing.

        Raises:
            CiphertextMovedError: It does not open.
        """
        return self._of[collection](document) if collection in self._of else {}

    def _of_staff(self, document: Mapping[str, Any]) -> dict[str, Any]:
        fields = {"login": ("login_sealed", "login"), "name": ("name_sealed", "display_name")}
        return {
            shown: self._staff.open_sealed(bytes(document[kept]), user_id=document["_id"], field=sealed)
            for shown, (kept, sealed) in fields.items()
        }

    def _of_interpreter(self, document: Mapping[str, Any]) -> dict[str, Any]:
        words = self._interpreters.read(document).words
        if words is None:
            raise CiphertextMovedError("words", 1)
        return asdict(words)

    def _of_finding(self, document: Mapping[str, Any]) -> dict[str, Any]:
        finding = finding_from(document)
        closings = [{**asdict(one), "words": self._closings.open(finding.id, one.words)} for one in finding.closings]
        return {"closings": closings}
