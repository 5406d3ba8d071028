"""Synthetic spreadsheets; nobody in them exists."""

import io
import zipfile
from datetime import date, datetime
from xml.sax.saxutils import escape

import xlsxwriter


def xlsx(sheets, *, merged=(), hidden=()):
    """An XLSX file of {name: rows}; ``merged`` are (range, word) of the first sheet."""
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True})
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                if isinstance(cell, date | datetime):
                    sheet.write_datetime(row, column, cell, day)
                elif cell != "":
                    sheet.write(row, column, cell)
        if name in hidden:
            sheet.hide()
        for place, word in merged if name == next(iter(sheets)) else ():
            sheet.merge_range(place, word)
    book.close()
    return content.getvalue()


def ods(rows, *, more=""):
    """An ODS file of one sheet; a cell is a word, a number, or a date; ``more`` is put after the rows as it stands."""
    said = ["<table:table-row>" + "".join(map(_ods_cell, cells)) + "</table:table-row>" for cells in rows]
    text = (
        '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
        'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2"><office:body>'
        f'<office:spreadsheet><table:table table:name="Clients">{"".join(said)}{more}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" '
        'manifest:version="1.2"/>'
    )
    parts = {"mimetype": _ODS, "content.xml": text, "META-INF/manifest.xml": manifest}
    return packed(parts)


_ODS = "application/vnd.oasis.opendocument.spreadsheet"


def _ods_cell(cell):
    if cell == "":
        return "<table:table-cell/>"
    if isinstance(cell, date):
        return f'<table:table-cell office:value-type="date" office:date-value="{cell.isoformat()}"><text:p>{cell:%d/%m/%Y}</text:p></table:table-cell>'
    if isinstance(cell, int | float):
        return f'<table:table-cell office:value-type="float" office:value="{cell}"><text:p>{cell}</text:p></table:table-cell>'
    return f'<table:table-cell office:value-type="string"><text:p>{escape(cell)}</text:p></table:table-cell>'


def packed(parts):
    """A zip file of these parts."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return content.getvalue()


def changed(content, name, change):
    """The same zip file, one of its parts changed."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {one: archive.read(one) for one in archive.namelist()}
    parts[name] = change(parts[name].decode()).encode()
    return packed(parts)
