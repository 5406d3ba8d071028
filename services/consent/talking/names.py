"""How people are called on consent's pages: by the names that case shows to whoever reads them, and nobody else."""

from services.consent.ledger.acting import ADVOCATE
from shared.kernel.tenancy import Principal
from shared.web.pages.edge import ask


def names_of(who: Principal, ids: list[str]) -> dict[str, str]:
    """Give how case knows people, for whoever may read it there; nothing of anybody else."""
    if who.role == "SUPERVISOR":
        told = ask("/v1/survivors/references", body={"survivor_ids": ids}) if ids else None
        rows = (told or {}).get("items", [])
    elif who.role == ADVOCATE:
        rows = [row for one in ids if (row := ask(f"/v1/survivors/{one}")) is not None]
    else:
        return {}
    return {row["id"]: name for row in rows if (name := row.get("name") or row.get("reference"))}
