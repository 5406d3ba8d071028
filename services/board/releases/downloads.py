"""One release as files: JSON, tidy CSV, a workbook, and metadata for the CSV; the same figures as on the page.

The same release gives the same bytes of JSON, CSV and metadata. Symbols are those of the Government Analysis
Function: ``[c]`` where a figure is confidential, explained only where it stands, and nothing else is ever said about
why. Days are London's, as on the pages.
"""

import csv
import io
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from shared.codelists.periods import LONDON, day_words

CONFIDENTIAL = "[c]"
COLUMNS = (
    ("period", "Period", "string"),
    ("table", "Code of the table", "string"),
    ("title", "What the table counts", "string"),
    ("category", "Code of the category; TOTAL is everybody in the table", "string"),
    ("label", "Words for the category", "string"),
    ("people", "People, rounded to a multiple of 5; empty where not published", "integer"),
    ("status", "Empty, or [c] where the figure is confidential", "string"),
    ("level", "How coarse: 1 is the finest declared level, 0 is not published", "integer"),
)
METHOD_NOTE = (
    "Counts of people who agreed to be counted, rounded together to multiples of 5 so that tables add up. A table is "
    "shown only where each of its figures rounds to 10 or more, at least 3 hosts contribute to it, no host dominates "
    "it, and the attacks that we play against every release fail."
)

Release = Mapping[str, Any]


def file_name(release: Release, ending: str) -> str:
    """Name a file of a release."""
    return f"alongside-{release['period']}.{ending}"


def as_json(release: Release) -> bytes:
    """Give everything that is published of a release, canonically ordered."""
    content = {**release, "method": METHOD_NOTE}
    return (json.dumps(content, sort_keys=True, indent=1, default=_instant) + "\n").encode()


def as_csv(release: Release) -> bytes:
    """Give one row a figure, with its status."""
    text = io.StringIO()
    writer = csv.DictWriter(text, [name for name, _, _ in COLUMNS], lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows(release))
    return text.getvalue().encode()


def as_csvw(release: Release) -> bytes:
    """Give the metadata of the CSV file (W3C CSV on the Web)."""
    content = {
        "@context": "http://www.w3.org/ns/csvw",
        "url": file_name(release, "csv"),
        "dc:title": f"People counted, period {release['period']}",
        "dc:description": METHOD_NOTE,
        "dc:issued": _instant(release["published_at"]),
        "tableSchema": {
            "columns": [
                {"name": name, "titles": name, "dc:description": words, "datatype": kind, "null": ""}
                for name, words, kind in COLUMNS
            ],
            "primaryKey": ["table", "category"],
        },
    }
    return (json.dumps(content, sort_keys=True, indent=1) + "\n").encode()


def as_xlsx(release: Release) -> bytes:
    """Give a workbook with a cover and one sheet a table, by the guidance on releasing statistics in spreadsheets."""
    # Heavy, and wanted once a release.
    import gptables  # noqa: PLC0415
    import pandas as pd  # noqa: PLC0415

    coverage = f"{release['hosts']} of {release['roster']} hosts"
    hidden = any(row["status"] for row in rows(release))
    cover = gptables.Cover(
        title=f"People counted, period {release['period']}",
        intro=["Released figures of the pilot of independent advocacy.", METHOD_NOTE],
        about=[
            f"Coverage: {coverage} sent a report.",
            f"Data recorded up to {day_words(release['seal_at'])}, received up to {day_words(release['received_at'])}.",
            f"Published {day_words(release['published_at'])}. Plan {release['plan']}.",
            *([f"Symbol: {CONFIDENTIAL} confidential."] if hidden else []),
        ],
        contact=["Ask the project board."],
    )
    sheets = {}
    for number, table in enumerate(release["tables"], 1):
        lines = [(r["label"], r["people"] if r["status"] == "" else CONFIDENTIAL) for r in _rows_of(release, table)]
        frame = pd.DataFrame(lines, columns=["Category", "People"])
        sheets[f"{number}"] = gptables.GPTable(
            table=frame,
            table_name=f"table_{table['table'].lower()}",
            title=f"{table['title']}, period {release['period']}",
            subtitles=[f"{table['level_title']}." if table["cells"] else "This table is not published."],
            scope="United Kingdom, adults who agreed to be counted",
            units={"People": "people, rounded to a multiple of 5"},
            source="Hosts of the pilot",
            legend=_legend(frame),
            index_columns={1: 0},
        )
    if not sheets:
        total = release["people"] if release["people"] is not None else CONFIDENTIAL
        frame = pd.DataFrame([("People counted", total)], columns=["Category", "People"])
        sheets["1"] = gptables.GPTable(
            table=frame,
            table_name="table_people",
            title=f"People counted, period {release['period']}",
            scope="United Kingdom, adults who agreed to be counted",
            units={"People": "people, rounded to a multiple of 5"},
            source="Hosts of the pilot",
            legend=_legend(frame),
            index_columns={1: 0},
        )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "release.xlsx"
        gptables.write_workbook(filename=str(file), sheets=sheets, cover=cover)
        return file.read_bytes()


def rows(release: Release) -> Iterator[dict[str, Any]]:
    """Give each figure of a release as one row; the total first."""
    yield {
        "period": release["period"],
        "table": "PEOPLE",
        "title": "People counted",
        "category": "TOTAL",
        "label": "Everybody",
        **_figure(release["people"]),
        "level": 1 if release["people"] is not None else 0,
    }
    for table in release["tables"]:
        yield from _rows_of(release, table)


def _rows_of(release: Release, table: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    common = {"period": release["period"], "table": table["table"], "title": table["title"], "level": table["level"]}
    for cell in table["cells"]:
        yield {**common, "category": cell["category"], "label": cell["label"], **_figure(cell["value"])}
    yield {**common, "category": "TOTAL", "label": "All", **_figure(table["total"])}


def _legend(frame: Any) -> list[str]:
    """Explain the symbol on the sheets where it stands, and on no other."""
    return [f"{CONFIDENTIAL} confidential"] if (frame["People"] == CONFIDENTIAL).any() else []


def _figure(value: int | None) -> dict[str, Any]:
    return {"people": "" if value is None else value, "status": CONFIDENTIAL if value is None else ""}


def _instant(value: Any) -> str:
    if isinstance(value, datetime):
        # With London's own offset: whoever reads only the day reads the page's day.
        return value.astimezone(LONDON).isoformat()
    raise TypeError(type(value).__name__)


FORMATS: Mapping[str, tuple[str, str, Callable[[Release], bytes]]] = {
    "json": ("application/json", "json", as_json),
    "csv": ("text/csv; charset=utf-8", "csv", as_csv),
    "csvw": ("application/csvm+json", "csv-metadata.json", as_csvw),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx", as_xlsx),
}
"""Format to (media type, ending, writer)."""
