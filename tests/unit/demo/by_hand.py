"""Counts the demo's exports straight from their bytes; shares nothing with the generator or the importer."""

import csv
import io
from collections import Counter

AFRICA = {"Eritrean", "Sudanese", "Nigerian", "Somali"}
ASIA = {"Vietnamese", "Chinese", "Filipino", "Indian"}
EUROPE_AND_AMERICAS = {"Albanian", "Romanian", "Brazilian"}
TYPES = ("Labour", "Sexual", "Criminal", "Domestic")

# Where a field stands, in all three shapes: their columns are named differently and ordered alike.
REFERENCE, STARTED, AGE, GENDER, NATIONALITY, KINDS = range(6)
CONSENT, SAID, WORDING, LANGUAGE, METHOD, PRIVATE, MARKER = range(8, 15)
COLUMNS = 16


def records(content):
    """Give the records of a file: no title, header, blank line, total or footer."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252")
    delimiter = ";" if text.startswith("Case Ref;") else ","
    lines = csv.reader(io.StringIO(text), delimiter=delimiter)
    return [line for line in lines if len(line) == COLUMNS and line[REFERENCE].startswith("SYN-")]


def fate(row):
    """Give what becomes of a record: possible children first, then what nobody can read, then consents."""
    if row[AGE] in ("16", "Child (17 or under)"):
        return "children"
    if row[NATIONALITY] not in AFRICA | ASIA | EUROPE_AND_AMERICAS | {"UK"}:
        return "quarantined"
    if row[AGE] == "Not specified or unknown":
        return "held"
    if row[CONSENT] == "Given" and all(row[SAID:PRIVATE]) and row[PRIVATE] == "Yes":
        return "effective"
    return {"Given": "reconfirm", "Yes": "reconfirm", "Refused": "refused", "": "unknown"}[row[CONSENT]]


def once(rows):
    """Leave out records that stand there a second time, word for word."""
    return list(dict.fromkeys(map(tuple, rows)))


def fates(content):
    """Give a file's expected figures, every one of them."""
    rows = records(content)
    found = Counter(fate(row) for row in once(rows))
    states = ("effective", "reconfirm", "refused", "unknown")
    return {
        "adults": sum(found[state] for state in states),
        **{name: found[name] for name in (*states, "children", "held", "quarantined")},
        "duplicates": len(rows) - len(once(rows)),
    }


def cells(files):
    """Give the true cells of plan year-v1, finest and coarser: (table, category) to people by host."""
    found = {}
    for host, content in files.items():
        for row in once(records(content)):
            if fate(row) == "effective":
                for cell in _places(row):
                    found.setdefault(cell, Counter())[host] += 1
    return found


def _places(row):
    yield "GENDER", "FEMALE" if row[GENDER] in ("Female", "F") else "OTHERS"
    for kind in TYPES:
        yield kind.upper(), "YES" if kind in row[KINDS] else "NO"
    word = row[NATIONALITY]
    region = "AFRICA" if word in AFRICA else "ASIA" if word in ASIA else "UK" if word == "UK" else "REST"
    yield "REGION", region
    yield "REGION_2", "UK_AND_REST" if region in ("UK", "REST") else region
