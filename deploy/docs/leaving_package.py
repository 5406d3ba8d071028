"""The page of the package that a host takes along, from what is chosen for it."""

from deploy.docs.markdown import code, page, table
from deploy.leaving.chosen import LEFT_OUT, Chosen, chosen_of
from deploy.leaving.tables import TABLES, columns_of
from shared.kernel.tenancy import TenantId

_ANY_HOST = TenantId("example")
_INTRODUCTION = (
    "What stands in the folder that `alongside tenant export` writes ([how](../how-to/leave-the-pilot.md), "
    "[why](../decisions/0071-leaving-the-pilot.md)). Files that end with `.age` are encrypted with "
    "[age](https://age-encryption.org) to the host's own key; `age -d -i IDENTITY FILE` opens each by itself. Nothing "
    "else names anybody. `alongside tenant export-verify` reads all of it back."
)
_SIGNED = (
    "a C2SP signed note: `alongside/HOST/leaving`, the number of files, and the SHA-256 of `MANIFEST.json`; signed by "
    "the key of the host's audit log with Ed25519 and ML-DSA-44"
)
_FILES = (
    ("MANIFEST.json", "format, host, the instant that all of it shows, the key, SHA-256 and size of every other file"),
    ("MANIFEST.sig", _SIGNED),
    ("schema.json", "of each collection the names in each line, which are texts or instants, and what they refer to"),
    (
        "contents.json.age",
        "how many documents were kept, written, and left out as erased people's; digests of the files",
    ),
    ("records/COLLECTION.jsonl.age", "JSON Lines in UTF-8, one record a line, in the order of their ids"),
    ("tables/COLLECTION.csv.age", "the same records as a flat table: UTF-8 with a mark, commas, CRLF"),
    ("csv-metadata.json", "CSVW (W3C, “CSV on the Web”) for the tables as they are once they are decrypted"),
    ("audit-log/", "the signed audit log as `alongside audit export` writes it"),
)
_LINES = (
    "Each line has `id` and the names below, in this order, all of them always; what was never said is `null`. Instants "
    "are ISO 8601 with their zone, days are `2026-08-04`, bytes are hexadecimal, and codes are those of the "
    "[code lists](code-lists.md). What has several parts and was kept closed, such as `nationality`, is JSON in a text. "
    'A record that did not open at the host has `null` for each name and `"unreadable": true`. Of whoever was erased '
    "there is no line. `restriction_id` of a survivor, where there is one, says that the record must not be used: "
    "whoever takes it over has to keep that."
)
_TABLES = (
    "A cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return has an apostrophe before it, so that no "
    "spreadsheet runs it. A list is one cell with semicolons. The lines have everything; a table has what is flat."
)
_OUT = "No password, key or token is, in whatever collection."


def leaving_package_page() -> str:
    """Write the page."""
    chosen = sorted(chosen_of(_ANY_HOST), key=lambda one: one.name)
    return page(
        "What a host takes along",
        _INTRODUCTION,
        table(("file", "what"), [(code(name), what) for name, what in _FILES]),
        "## Lines",
        _LINES,
        table(("collection", "names, after `id`"), [(code(one.name), _names(one)) for one in chosen]),
        "## Tables",
        _TABLES,
        table(("table", "columns"), [(code(name), _listed(columns_of(name))) for name in sorted(TABLES)]),
        "## What is in no package",
        _OUT,
        table(("collection", "why"), [(code(name), why) for name, why in sorted(LEFT_OUT.items())]),
    )


def _names(one: Chosen) -> str:
    return _listed(list(one.names[1:]))


def _listed(names: list[str]) -> str:
    return ", ".join(map(code, names))
