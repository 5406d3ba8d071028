import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.keys.fields import (
    OVERHEAD_BYTES,
    CiphertextMovedError,
    SealingVersionError,
    decrypt_field,
    encrypt_field,
    open_fields,
    seal_fields,
)

DEK = bytes(range(32))
PLACE = {"tenant": "harbour", "survivor_id": "s-1", "field": "family_name", "version": 1}
names = st.text(min_size=1, max_size=12)
places = st.fixed_dictionaries({"tenant": names, "survivor_id": names, "field": names, "version": st.integers(1, 255)})


class TestEncryptField:
    @given(plaintext=st.binary(max_size=200), place=places)
    def test_round_trip(self, plaintext, place):
        """What was sealed opens at its place, and grows by 29 bytes."""
        sealed = encrypt_field(DEK, plaintext, **place)

        assert decrypt_field(DEK, sealed, **place) == plaintext
        assert len(sealed) == len(plaintext) + OVERHEAD_BYTES

    @given(written=places, read=places)
    def test_two_places_never_share_a_ciphertext(self, written, read):
        """However the names are chosen, a field opens at its own place only."""
        sealed = encrypt_field(DEK, "x", **written)

        if written == read:
            assert decrypt_field(DEK, sealed, **read) == b"x"
        else:
            with pytest.raises(CiphertextMovedError):
                decrypt_field(DEK, sealed, **read)

    @pytest.mark.parametrize(
        "moved",
        [{"tenant": "haven"}, {"survivor_id": "s-2"}, {"field": "given_name"}, {"version": 2}],
        ids=lambda moved: next(iter(moved)),
    )
    def test_a_moved_ciphertext_is_poison(self, moved):
        """A field copied to another tenant, survivor, field or version is refused, without its content."""
        sealed = encrypt_field(DEK, "Okafor", **PLACE)

        with pytest.raises(CiphertextMovedError) as caught:
            decrypt_field(DEK, sealed, **{**PLACE, **moved})

        assert "Okafor" not in str(caught.value)

    @given(position=st.integers(0, 34), bit=st.integers(0, 7))
    def test_an_altered_ciphertext_is_refused(self, position, bit):
        """One flipped bit anywhere is noticed."""
        sealed = bytearray(encrypt_field(DEK, "Okafor", **PLACE))
        sealed[position] ^= 1 << bit

        with pytest.raises(CiphertextMovedError):
            decrypt_field(DEK, bytes(sealed), **PLACE)

    @given(cut=st.integers(0, 34))
    def test_a_shortened_ciphertext_is_refused(self, cut):
        """Half a field is no field."""
        sealed = encrypt_field(DEK, "Okafor", **PLACE)

        with pytest.raises(CiphertextMovedError):
            decrypt_field(DEK, sealed[:cut], **PLACE)

    def test_another_key_does_not_open(self):
        """A survivor's field opens under that survivor's key only."""
        sealed = encrypt_field(DEK, "Okafor", **PLACE)

        with pytest.raises(CiphertextMovedError):
            decrypt_field(os.urandom(32), sealed, **PLACE)

    def test_the_same_text_seals_differently(self):
        """Equal ciphertexts would show equal texts."""
        assert encrypt_field(DEK, "Okafor", **PLACE) != encrypt_field(DEK, "Okafor", **PLACE)

    @pytest.mark.parametrize("version", [0, 256, -1])
    def test_refuses_a_version_that_does_not_fit(self, version):
        """The version is one byte."""
        with pytest.raises(SealingVersionError):
            encrypt_field(DEK, "x", **{**PLACE, "version": version})


class TestSealFields:
    @given(values=st.dictionaries(names, st.one_of(st.none(), st.text(st.characters(codec="utf-8"), max_size=40))))
    def test_round_trip(self, values):
        """A document comes back whole; empty fields stay empty."""
        sealed = seal_fields(DEK, values, tenant="harbour", survivor_id="s-1")

        assert open_fields(DEK, sealed, tenant="harbour", survivor_id="s-1") == values

    def test_two_fields_of_one_document_cannot_be_swapped(self):
        """A swap inside one document is noticed as well."""
        sealed = seal_fields(DEK, {"a": "1", "b": "2"}, tenant="harbour", survivor_id="s-1")

        with pytest.raises(CiphertextMovedError):
            open_fields(DEK, {"a": sealed["b"], "b": sealed["a"]}, tenant="harbour", survivor_id="s-1")
