import pytest

from shared.kernel.tenancy import TenantId
from shared.keys.blind_index import INDEXED_FIELDS, BlindIndex, FieldNotIndexedError, NothingToIndexError

KEY = bytes(32)
index = BlindIndex(KEY, TenantId("harbour"))


class TestBlindIndex:
    @pytest.mark.parametrize(
        ("field", "one", "other"),
        [
            ("family_name", "O'Brien", " o\u2019brien "),
            ("family_name", "Núñez", "nunez"),
            ("full_name", "Anne-Marie  Dupont", "anne marie dupont"),
            ("case_reference", "2026/000123", "2026-000123"),
            ("nrm_reference", "nrm 00 12", "NRM0012"),
        ],
    )
    def test_spellings_of_one_value_meet(self, field, one, other):
        """A search must not fail on case, accents, apostrophes or separators."""
        assert index.entry(field, one) == index.entry(field, other)

    def test_entries_have_32_bits(self):
        """A short entry says less than the value."""
        assert len(bytes.fromhex(index.entry("family_name", "Okafor"))) == 4

    def test_fields_tenants_and_keys_do_not_compare(self):
        """Equal texts in two fields, tenants or under two keys have different entries."""
        entries = {
            index.entry("family_name", "Okafor"),
            index.entry("given_name", "Okafor"),
            BlindIndex(KEY, TenantId("haven")).entry("family_name", "Okafor"),
            BlindIndex(b"\1" * 32, TenantId("harbour")).entry("family_name", "Okafor"),
        }
        assert len(entries) == 4

    @pytest.mark.parametrize("field", ["gender", "nationality", "date_of_birth", "exploitation_type", ""])
    def test_refuses_fields_of_low_entropy(self, field):
        """What can be read off by counting is never indexed."""
        assert field not in INDEXED_FIELDS
        with pytest.raises(FieldNotIndexedError):
            index.entry(field, "Okafor")

    @pytest.mark.parametrize("value", ["", "  ", "--", "'"])
    def test_refuses_a_value_without_letters_or_digits(self, value):
        """All empty names would share one entry."""
        with pytest.raises(NothingToIndexError):
            index.entry("family_name", value)
