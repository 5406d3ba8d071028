"""A mapping profile as it is written: YAML, checked line by line; nothing that it says is believed unchecked.

Promise: a profile that would make a yes of a word for no, an adult of a word for a child, an answer of an empty cell,
or something else of the column of a withdrawal is refused when it is loaded, with the line; so is what is misspelt,
stands twice or is not understood. An error names the line and never repeats what stands there. Shown by
``tests/unit/case/test_mapping_form.py``.
Limit: 64 KB, 500 columns, 2,000 words.
"""

from collections.abc import Mapping
from typing import Any

from services.case.imports.rules.encodings import ENCODINGS
from services.case.imports.rules.form_words import CONSTANT_FIELDS, FIELDS, said_wrongly
from services.case.imports.rules.form_yaml import MAX_CHARACTERS, FormError, Node, parsed, plain_value
from services.case.imports.rules.records import MAX_COLUMNS
from shared.codelists.words import fold

__all__ = ["FORMAT", "MAX_CHARACTERS", "FormError", "read_form"]

FORMAT = 1
MAX_WORDS = 2_000
_KINDS = ("csv", "spreadsheet", "any")
_ORDERS = ("day-first", "month-first")
_DATED = frozenset({"referral_date", "consent_date", "date_of_birth"})
_SEVERAL = frozenset({"exploitation", "nationality"})
_KEYS = frozenset(
    {
        "format", "id", "title", "version", "tenant", "source", "kind", "fingerprint", "file", "columns", "constants",
        "defaults", "not_known", "footer", "drop",
    }
)  # fmt: skip


def read_form(text: str) -> tuple[Mapping[str, Any], Node]:
    """Read a profile's YAML.

    Returns:
        Its content as plain values, and the nodes that know their lines.

    Raises:
        FormError: It is not one; every fault that was found is told.
    """
    node = parsed(text)
    check = _Check()
    if isinstance(node.value, dict):
        check.whole(node)
    else:
        check.fault(node, "write names and what they are: id, title, columns.")
    if check.faults:
        raise FormError(check.faults)
    return plain_value(node), node


class _Check:
    """Collects what is wrong."""

    def __init__(self) -> None:
        self.faults: list[tuple[int, str]] = []
        self._words = 0

    def fault(self, node: Node | int, what: str) -> None:
        self.faults.append((node if isinstance(node, int) else node.line, what))

    def whole(self, node: Node) -> None:
        content = node.value
        for key, (line, _) in content.items():
            if key not in _KEYS:
                self.fault(line, f"this name is not known. There are {', '.join(sorted(_KEYS))}.")
        for key in ("format", "id", "columns"):
            if key not in content:
                self.fault(node, f"{key} is missing.")
        known = {key: value for key, (_, value) in content.items()}
        self._is_one_of(known.get("format"), (str(FORMAT),))
        self._is_one_of(known.get("kind"), _KINDS)
        self._is_number(known.get("version"), 1_000_000)
        for key, longest in (("id", 80), ("title", 200), ("tenant", 80), ("source", 80), ("fingerprint", 64)):
            self._is_text(known.get(key), longest)
        for key in ("not_known", "footer", "drop"):
            self._is_list(known.get(key))
        self._is_file(known.get("file"))
        fields = self._columns(known.get("columns"))
        for key in ("constants", "defaults"):
            self._fixed(known.get(key), fields if key == "constants" else frozenset())
        for one in self._listed(known.get("not_known")):
            wrong = said_wrongly("not_known", one.value, "")
            if wrong:
                self.fault(one, wrong)

    def _columns(self, node: Node | None) -> frozenset[str]:
        if node is None:
            return frozenset()
        if not isinstance(node.value, dict) or not node.value:
            self.fault(node, "write the file's column names, and for each the field that it is.")
            return frozenset()
        if len(node.value) > MAX_COLUMNS:
            self.fault(node, f"there are more than {MAX_COLUMNS} columns.")
        found: set[str] = set()
        for column, (line, value) in node.value.items():
            field = self._column(column, line, value)
            if field in found and field != "consent_withdrawn":
                self.fault(line, f"a second column is for {field}; nobody could tell which of them is right.")
            found.add(field)
        return frozenset(found)

    def _column(self, column: str, line: int, node: Node) -> str:
        about = node.value if isinstance(node.value, dict) else {"field": (line, node)}
        for key, (at, _) in about.items():
            if key not in {"field", "order", "words", "separator"}:
                self.fault(at, "a column has field, order, words and separator only.")
        at, named = about.get("field", (line, Node(line=line, value="")))
        field = named.value if isinstance(named.value, str) else ""
        if field not in FIELDS:
            self.fault(at, f"this field is not known. There are {', '.join(sorted(FIELDS))}.")
            return ""
        wrong = said_wrongly("column", column, field)
        if wrong:
            self.fault(line, wrong)
        if "order" in about:
            self._is_one_of(about["order"][1], _ORDERS)
            if field not in _DATED:
                self.fault(about["order"][0], "only a column of dates has an order.")
        if "separator" in about:
            self._is_text(about["separator"][1], 3)
            if field not in _SEVERAL:
                self.fault(about["separator"][0], "only exploitation and nationality may have several values.")
        if "words" in about:
            self._column_words(field, about["words"][1])
        return field

    def _column_words(self, field: str, node: Node) -> None:
        if not isinstance(node.value, dict):
            self.fault(node, "write each word, and what it means.")
            return
        self._words += len(node.value)
        if self._words > MAX_WORDS:
            self.fault(node, f"there are more than {MAX_WORDS} words.")
        seen: set[str] = set()
        for word, (line, meaning) in node.value.items():
            if not isinstance(meaning.value, str):
                self.fault(line, "a word means one code.")
                continue
            wrong = said_wrongly(field, word, meaning.value)
            if wrong:
                self.fault(line, wrong)
            if fold(word) in seen:
                self.fault(line, "this word stands twice, but for its capitals or accents.")
            seen.add(fold(word))

    def _fixed(self, node: Node | None, mapped: frozenset[str]) -> None:
        if node is None:
            return
        if not isinstance(node.value, dict):
            self.fault(node, "write each field, and what it is.")
            return
        for field, (line, value) in node.value.items():
            if field not in CONSTANT_FIELDS:
                self.fault(line, f"only {', '.join(sorted(CONSTANT_FIELDS))} may be the same for everybody.")
            elif field in mapped:
                self.fault(line, "this field has a column already.")
            elif not isinstance(value.value, str) or said_wrongly(field, "for everybody", value.value):
                self.fault(line, "this is no code of its list.")

    def _is_file(self, node: Node | None) -> None:
        if node is None:
            return
        if not isinstance(node.value, dict):
            self.fault(node, "write encoding, delimiter, sheet or header_row, and what it is.")
            return
        for key, (line, value) in node.value.items():
            if key == "encoding":
                self._is_one_of(value, tuple(ENCODINGS))
            elif key == "delimiter":
                self._is_text(value, 1)
                if isinstance(value.value, str) and (value.value.isalnum() or value.value in '"\r\n'):
                    self.fault(line, "a delimiter is one sign, no letter, number or quotation mark.")
            elif key == "sheet":
                self._is_text(value, 100)
            elif key == "header_row":
                self._is_number(value, 1_000)
            else:
                self.fault(line, "a file has encoding, delimiter, sheet and header_row only.")

    def _is_one_of(self, node: Node | None, known: tuple[str, ...]) -> None:
        if node is not None and node.value not in known:
            self.fault(node, f"write one of {', '.join(known)}.")

    def _is_number(self, node: Node | None, most: int) -> None:
        if node is None:
            return
        said = node.value if isinstance(node.value, str) else ""
        if not (said.isascii() and said.isdecimal() and len(said) < 10 and 1 <= int(said) <= most):  # noqa: PLR2004
            self.fault(node, f"write a whole number from 1 to {most}.")

    def _is_text(self, node: Node | None, longest: int) -> None:
        if node is not None and not (isinstance(node.value, str) and 1 <= len(node.value) <= longest):
            self.fault(node, f"write a text of at most {longest} characters.")

    def _is_list(self, node: Node | None) -> None:
        if node is not None and not isinstance(node.value, list):
            self.fault(node, "write a list.")
        for one in self._listed(node):
            self._is_text(one, 200)

    @staticmethod
    def _listed(node: Node | None) -> list[Node]:
        listed = node.value if node is not None and isinstance(node.value, list) else []
        return [one for one in listed if isinstance(one.value, str)]
