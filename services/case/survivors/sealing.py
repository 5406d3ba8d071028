"""What identifies a person is sealed under that person's own key."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from shared.keys.fields import open_fields, seal_fields
from shared.outbox.documents import Open, Seal
from shared.runtime.context import ServiceContext


@dataclass(frozen=True, kw_only=True)
class Sealer:
    """Seals and opens the fields of survivors whose data keys it was given."""

    tenant: str
    keys: Mapping[str, bytes]

    @classmethod
    def of_known(cls, context: ServiceContext, survivor_ids: Collection[str]) -> "Sealer":
        """Take the keys of survivors.

        Raises:
            KeyDestroyedError: One of them was erased, or is nobody.
        """
        return cls(tenant=str(context.tenant_id), keys=context.survivor_keys.get_many(survivor_ids))

    @classmethod
    def of_new(cls, context: ServiceContext, survivor_id: str) -> "Sealer":
        """Make the key of somebody who is registered now; an unused one harms nobody."""
        return cls(tenant=str(context.tenant_id), keys=context.survivor_keys.get_or_create_many({survivor_id}))

    def seal(self, survivor_id: str, values: Mapping[str, str | None]) -> dict[str, bytes | None]:
        """Seal fields of one survivor."""
        return seal_fields(self.keys[survivor_id], values, tenant=self.tenant, survivor_id=survivor_id)

    def open(self, survivor_id: str, sealed: Mapping[str, Any]) -> dict[str, str | None]:
        """Open fields of one survivor."""
        content = {name: None if value is None else bytes(value) for name, value in sealed.items()}
        return open_fields(self.keys[survivor_id], content, tenant=self.tenant, survivor_id=survivor_id)

    def sealing(self, survivor_id: str) -> Seal:
        """Give what seals fields of one survivor."""
        return partial(self.seal, survivor_id)

    def opening(self, survivor_id: str) -> Open:
        """Give what opens fields of one survivor."""
        return partial(self.open, survivor_id)
