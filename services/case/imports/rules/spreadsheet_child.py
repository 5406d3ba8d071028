"""The child process that opens a spreadsheet: ``python -m`` of this module, file on stdin, rows on stdout.

It bounds its own memory and time before it looks at the file, so that a file made to break a reader breaks this process
alone. Each answer is a frame: four bytes of length, then JSON; an empty frame says that the sheet was read whole.
"""

import io
import json
import resource
import struct
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

from services.case.imports.rules.spreadsheet_bounds import RefusedError, look_at
from services.case.imports.rules.spreadsheet_cells import rows_as_text

MAX_MEMORY = 450 * 1024 * 1024
MAX_CPU_S = 100
_LENGTH = struct.Struct(">I")
_HEADER_SEARCH = 15
_MOST_NAMED = 20
_MOST_MERGED = 20_000


def main() -> None:
    """Read one file."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_S, MAX_CPU_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    told, heard = sys.stdin.buffer, sys.stdout.buffer
    (size,) = _LENGTH.unpack(told.read(_LENGTH.size))
    asked = json.loads(told.read(size))
    try:
        _answer(told.read(), asked, heard)
    except RefusedError as error:
        _say(heard, {"why": error.why, "mend": error.mend})
    heard.flush()


def _answer(content: bytes, asked: dict[str, Any], heard: BinaryIO) -> None:
    seen = look_at(content)
    # Imported here, so that a file that is refused at a look costs nothing.
    from python_calamine import CalamineError, PasswordError, SheetVisibleEnum, load_workbook  # noqa: PLC0415

    try:
        book = load_workbook(io.BytesIO(content))
        visible = {one.name: one.visible == SheetVisibleEnum.Visible for one in book.sheets_metadata}
        name = _chosen(book, visible, asked)
        sheet = book.get_sheet_by_name(name)
        ranges = seen.merged.get(name, ()) if seen.format == "ods" else _ranges(sheet.merged_cell_ranges)
        touched: set[int] = set()
        for (top, _), (bottom, _) in ranges:
            touched.update(range(top + 1, bottom + 2))
        _say(
            heard,
            {
                "format": seen.format,
                "name": name,
                "others": [other for other in visible if other != name][:_MOST_NAMED],
                "hidden": [other for other, shown in visible.items() if not shown][:_MOST_NAMED],
                "merged": [_named(one) for one in ranges[:_MOST_NAMED]],
                "touched": sorted(touched),
            },
        )
        covered = {
            cell: (top, left) for (top, left), (bottom, right) in ranges for cell in _cells(top, left, bottom, right)
        }
        for row in rows_as_text(sheet, covered):
            _say(heard, row)
        heard.write(_LENGTH.pack(0))
    except PasswordError as error:
        raise RefusedError("it has a password", "Save it without one.") from error
    except (CalamineError, ValueError, OSError) as error:
        raise RefusedError(
            "this spreadsheet is damaged", "Open it and save it again. If that does not help: Save it as CSV."
        ) from error


def _chosen(book: Any, visible: dict[str, bool], asked: dict[str, Any]) -> str:
    """Give the stated sheet, or the only one whose header maps."""
    if asked["sheet"] is not None:
        if asked["sheet"] not in visible:
            raise RefusedError("it has no sheet of the name that was stated", f"Its sheets: {_listed(visible)}.")
        return str(asked["sheet"])
    fitting = [name for name in visible if _fits(book, name, asked["known"])]
    shown = [name for name in fitting if visible[name]]
    if len(fitting) == 1:
        return fitting[0]
    if not fitting:
        raise RefusedError(
            "no sheet of it has a header that a mapping profile knows"
            if asked["known"] is not None
            else "no sheet of it holds a table",
            "Choose or write the mapping profile of this export.",
        )
    raise RefusedError(
        f"{len(fitting)} of its sheets hold a table" + ("" if len(shown) == len(fitting) else ", hidden ones too"),
        f"State the sheet: {_listed(fitting)}.",
    )


def _fits(book: Any, name: str, known: list[str] | None) -> bool:
    from services.case.imports.rules.reading import score_header  # noqa: PLC0415  It imports this module's parent.

    names = None if known is None else frozenset(known)
    sheet = book.get_sheet_by_name(name)
    first = []
    for row in rows_as_text(sheet, {}):
        first.append(tuple(row[1]))
        if len(first) == _HEADER_SEARCH:
            break
    return any(score_header(cells, names) > 1 for cells in first)


def _ranges(found: Any) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    ranges = list(found or ())
    if len(ranges) > _MOST_MERGED:
        raise RefusedError("it has more than 20,000 merged cells", "Split merged cells, and save it again.")
    return ranges


def _cells(top: int, left: int, bottom: int, right: int) -> Iterator[tuple[int, int]]:
    rows, columns = min(bottom - top + 1, _MOST_MERGED), min(right - left + 1, 500)
    return ((top + down, left + over) for down in range(rows) for over in range(columns))


def _named(one: tuple[tuple[int, int], tuple[int, int]]) -> str:
    (top, left), (bottom, right) = one
    return f"{_letter(left)}{top + 1}:{_letter(right)}{bottom + 1}"


def _letter(position: int) -> str:
    name, position = "", position + 1
    while position:
        position, rest = divmod(position - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def _listed(names: Any) -> str:
    return ", ".join(str(name) for name in list(names)[:_MOST_NAMED])


def _say(heard: BinaryIO, what: Any) -> None:
    frame = json.dumps(what, ensure_ascii=False).encode("utf-8", "surrogatepass")
    heard.write(_LENGTH.pack(len(frame)) + frame)


if __name__ == "__main__":
    main()
