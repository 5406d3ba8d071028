"""The template of a file: empty, it is read by our own layout; every word that it offers means its own code."""

from datetime import date

import pytest

from services.case.imports.rules.dates import DateReader
from services.case.imports.rules.opening import open_file
from services.case.imports.rules.parsing import parse
from services.case.mappings.rules.template import accepted, template_csv, template_xlsx


@pytest.mark.parametrize(("write", "kind"), [(template_csv, "csv"), (template_xlsx, "spreadsheet")])
def test_an_empty_template_is_read_by_the_suggested_layout(write, kind):
    """No profile needs naming; the sheet of words is not taken for people."""
    file = open_file(write(), None)
    assert (file.facts.kind, file.facts.profile, list(file.lines())) == (kind, "standard", [])


def test_each_word_that_it_offers_is_accepted():
    """A list's labels read as their codes."""
    refused = [
        (field, word) for field, word in accepted() if parse(field, word, DateReader(today=date(2026, 11, 27)))[1]
    ]
    assert refused == []
