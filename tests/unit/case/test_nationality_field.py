"""The API takes a nationality in every form that the import takes, and the codes that it shows itself."""

import pytest
from marshmallow import ValidationError

from services.case.episodes.schemas import NationalityField
from shared.codelists import nationality

FORMS = [
    ("Vietnamese", ("VNM",)), ("Viet Nam", ("VNM",)), ("VNM", ("VNM",)), ("Hong Konger", ("HKG",)), ("Korea, South", ("KOR",)),
    ("Albanian/Italian", ("ALB", "ITA")), ("Citizen of Guinea-Bissau", ("GNB",)), ("Stateless", ()),
    (["ALB", "ITA"], ("ALB", "ITA")), (["VNM"], ("VNM",)), ([], ()),
]  # fmt: skip


@pytest.mark.parametrize(("value", "codes"), FORMS, ids=str)
def test_what_the_import_takes_and_what_an_episode_shows(value, codes):
    """A word, a country, a code, two of them, a list of codes; an empty list for stateless or not known."""
    assert nationality.parse(NationalityField().deserialize(value)).iso_codes == codes


@pytest.mark.parametrize(
    "value", ["", "Atlantean", "x" * 5_000, 5, None, {}, ["ALB", "ITA", "VNM"], [1], ["Atlantean"], True]
)
def test_anything_else_is_refused_and_not_repeated(value):
    """With the field's own words."""
    with pytest.raises(ValidationError) as caught:
        NationalityField(required=True).deserialize(value)
    assert "Atlantean" not in str(caught.value)


def test_it_is_documented():
    """Both forms stand in the API's document."""
    assert [form["type"] for form in NationalityField().metadata["oneOf"]] == ["string", "array"]
