"""What the pages of mappings show: the list, a file's columns, their words, and a mapping in words."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import render_template

from services.case.imports.documents import IMPORTS
from services.case.imports.page_words import field_words, system_words
from services.case.imports.rules.encodings import ENCODINGS
from services.case.imports.rules.form import read_form
from services.case.imports.views import sources_of
from services.case.mappings.page_forms import (
    carried,
    column_rows,
    constant_rows,
    field_choices,
    system_choices,
    word_sections,
)
from services.case.mappings.rules.draft import missing
from services.case.mappings.rules.mapping import APPROVED, PROPOSED, RETIRED
from services.case.mappings.rules.seen import SeenFile
from services.case.mappings.views import MappingViews
from shared.codelists.lists import get
from shared.runtime.context import ServiceContext
from shared.web.listing import Page

STATES: Mapping[str, tuple[str, str]] = {
    PROPOSED: ("Waits for approval", "wait"),
    APPROVED: ("In use", "good"),
    RETIRED: ("No longer used", "plain"),
}
"""A state's word and kind."""

_CONSTANTS = {"nation": "nation", "gender": "gender", "advocacy_area": "advocacy_area"}


class MappingPageViews:
    """Renders; reads what the forms offer."""

    def __init__(self, context: ServiceContext, views: MappingViews) -> None:
        """Take case's context, and what the API shows."""
        self._imports = context.client[context.database_name][IMPORTS]
        self._views = views

    def sources(self) -> list[str]:
        """Give the systems of which files were imported or mapped here."""
        mapped = {profile.source for profile in self._views.approved() if profile.source}
        return sorted(sources_of(self._imports) | mapped)

    def start(self, page: Page, *, is_first: bool, error: str | None) -> str:
        """Show the list, and ask for a file."""
        items = [{**row, "word": STATES[row["state"]], "system": system_words(row["source"])} for row in page.items]
        return render_template(
            "case/mappings.html",
            items=items,
            next=page.next,
            first=is_first,
            earlier=[(row["id"], row["title"]) for row in page.items if row["state"] == APPROVED],
            encodings=list(ENCODINGS),
            error=error,
        )

    @staticmethod
    def columns(seen: SeenFile, form: Mapping[str, str] | None, *, faults: Mapping[str, str] | None = None) -> str:
        """Ask which column is what."""
        return render_template(
            "case/mapping_columns.html",
            seen=seen,
            packed=seen.pack(),
            rows=column_rows(seen, form),
            choices=field_choices(),
            faults=faults or {},
        )

    @staticmethod
    def words(
        seen: SeenFile,
        chosen: Sequence[str],
        form: Mapping[str, str] | None,
        *,
        sources: Sequence[str],
        sees_words: bool,
        faults: Mapping[str, str],
    ) -> str:
        """Ask what words mean, and how the mapping is called."""
        typed = form or {}
        before = seen.kept.source
        return render_template(
            "case/mapping_words.html",
            seen=seen,
            packed=seen.pack(),
            carried=carried(chosen),
            chosen=[
                (column.name, field_words(field)) for column, field in zip(seen.columns, chosen, strict=True) if field
            ],
            left_out=[column.name for column, field in zip(seen.columns, chosen, strict=True) if not field],
            sections=word_sections(seen, chosen, form),
            constants=constant_rows(chosen, seen.kept.constants, form),
            missing=missing(chosen),
            systems=system_choices(sources),
            source=typed.get("source", before),
            source_new=typed.get("source_new", "" if before in sources else before),
            name=typed.get("name", seen.kept.id),
            title=typed.get("title", seen.kept.title),
            sees_words=sees_words,
            faults=faults,
        )

    @staticmethod
    def mapping(row: Mapping[str, Any], *, who: str, error: str | None) -> str:
        """Show a mapping in words."""
        content = read_form(row["text"])[0]
        columns = []
        for name, about in content["columns"].items():
            said = about if isinstance(about, Mapping) else {"field": about}
            columns.append(
                {
                    "name": name,
                    "field": field_words(said["field"]),
                    "order": said.get("order"),
                    "separator": said.get("separator"),
                    "words": [
                        (word, meaning_words(said["field"], code)) for word, code in said.get("words", {}).items()
                    ],
                }
            )
        constants = [
            (field_words(field), meaning_words(field, code)) for field, code in content.get("constants", {}).items()
        ]
        word, kind = STATES[row["state"]]
        return render_template(
            "case/mapping.html",
            one=row,
            system=system_words(row["source"]),
            word=word,
            kind=kind,
            columns=columns,
            constants=constants,
            not_known=content.get("not_known", ()),
            missing=missing([_field_of(about) for about in content["columns"].values()]),
            own=row["proposed_by"] == who,
            waits=row["state"] == PROPOSED,
            used=row["state"] == APPROVED,
            error=error,
        )


def meaning_words(field: str, code: str) -> str:
    """Name what a word means."""
    name = {**_CONSTANTS, "exploitation": "exploitation_type", "consent_method": "consent_method"}.get(field)
    name = "language" if field == "consent_language" else name
    if name is not None and get(name).has(code):
        return get(name).label(code)
    return code.replace("_", " ").capitalize() if code.isupper() else code


def _field_of(about: Any) -> str:
    return str(about["field"] if isinstance(about, Mapping) else about)
