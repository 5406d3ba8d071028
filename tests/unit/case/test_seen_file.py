"""What a page remembers of a file: few words, nobody's name, nothing of a row for whoever may not see it."""

import io

import pytest

from services.case.imports.rules.reading import Stated
from services.case.mappings.rules.looking import look_at, look_at_mapping, look_for_words, sheet_to_map
from services.case.mappings.rules.said_words import LONGEST_WORD, MOST_WORDS, OFTEN, words_to_show
from services.case.mappings.rules.seen import MOST_CHARACTERS, Kept, SeenColumn, SeenFile, SeenFileError

HEADER = "Client Ref,Name,Gender,Kind,Stats consent\n"
FILE = HEADER + "".join(
    f"A-{n},Person{n},{('Frau', 'Mann')[n % 2]},{('Field work', 'Car wash')[n % 2]},No\n" for n in range(12)
)
NOTHING = Stated()
EARLIER = {
    "format": "1", "id": "house", "version": "4", "source": "casefile", "constants": {"nation": "WALES"},
    "columns": {
        "Client Ref": "reference",
        "KIND": {"field": "exploitation", "words": {"field work": "LABOUR"}, "separator": ";"},
        "Went": "referral_date",
    },
    "drop": ["Name"], "not_known": ["tbc"],
}  # fmt: skip


def seen(text, *, shows_words=True, earlier=None):
    return look_at(sheet(text), NOTHING, shows_words=shows_words, earlier=earlier)


def sheet(text):
    return sheet_to_map(io.BytesIO(text.encode()), NOTHING)


def column(file, name):
    return next(one for one in file.columns if one.name == name)


class TestWords:
    def test_a_list_of_few_words_is_shown_and_a_column_of_names_is_not(self):
        """Each word of an unknown column has to stand there three times on average."""
        file = seen(FILE)
        assert column(file, "Kind").words == (("Car wash", 6), ("Field work", 6))
        assert (column(file, "Name").words, column(file, "Name").hidden) == ((), 12)
        assert "Person1" not in file.pack()
        few = ["x"] * (OFTEN - 1) + ["y"] * OFTEN
        assert words_to_show(few, is_named=False) == ((), 2)
        assert len(words_to_show([*few, "x"], is_named=False)[0]) == 2

    def test_a_column_of_a_known_name_shows_its_words_at_once(self):
        """However seldom they stand there; the most frequent first, and no more than so many."""
        words, hidden = words_to_show([f"kind {chr(97 + n % 26)}{n // 26}" for n in range(60)], is_named=True)
        assert (len(words), hidden) == (MOST_WORDS, 60 - MOST_WORDS)
        assert words_to_show(["a", "b", "b"], is_named=True)[0] == (("b", 2), ("a", 1))

    @pytest.mark.parametrize(
        "word", ["jo@example.org", "07700 900123", "born 1990", "x" * (LONGEST_WORD + 1), "ring 07-70-09-00"]
    )
    def test_what_may_name_somebody_is_counted_and_not_shown(self, word):
        """Addresses, numbers, years, and whole sentences."""
        assert words_to_show([word] * 10, is_named=True) == ((), 1)

    def test_two_spellings_are_one_word_and_several_values_are_several(self):
        """In the spelling that comes first."""
        assert words_to_show(["Labor; SEX", "labor", "sex"], is_named=True)[0] == (("Labor", 2), ("SEX", 2))

    def test_whoever_may_not_see_rows_gets_no_word_of_them(self):
        """Neither words nor what they are proposed to mean."""
        file = seen(FILE.replace("Frau", "Femmale"), shows_words=False)
        assert {(one.words, one.hidden, tuple(one.means)) for one in file.columns} == {((), 0, ())}
        assert column(seen(FILE.replace("Frau", "Femmale")), "Gender").means == {"Femmale": "FEMALE"}

    def test_words_are_looked_for_once_more_in_the_same_file_alone(self):
        """Where somebody has said what a column is; the words that it had keep their places."""
        few = HEADER + "A-1,Jo,Frau,Field work,No\n"
        file = seen(few)
        assert column(file, "Kind").words == ()
        chosen = ["reference", "", "gender", "exploitation", "consent"]
        more = look_for_words(sheet(few), file, chosen)
        assert column(more, "Kind").words == (("Field work", 1),)
        assert column(more, "Gender").words == column(file, "Gender").words
        assert column(more, "Name").words == ()
        with pytest.raises(SeenFileError, match="other columns"):
            look_for_words(sheet("Client Ref,Gender\nA-1,x\n"), file, chosen)


class TestForm:
    def test_it_comes_back_as_it_went(self):
        """Through a form and back."""
        file = seen(FILE)
        assert SeenFile.unpack(file.pack()) == file

    @pytest.mark.parametrize("text", ["", "x", "é", "eJw=", "AAAA", "A" * (MOST_CHARACTERS + 1)])
    def test_what_is_none_asks_for_the_file(self, text):
        """Cut, foreign or much too long."""
        with pytest.raises(SeenFileError, match="did not come whole"):
            SeenFile.unpack(text)

    def test_what_opens_to_more_than_a_form_of_ours_is_refused(self):
        """A short text that opens to very much."""
        huge = SeenFile(kind="csv", fingerprint=None, columns=(SeenColumn(name="x" * 5_000_000),))
        with pytest.raises(SeenFileError, match="did not come whole"):
            SeenFile.unpack(huge.pack())

    def test_two_columns_of_one_name_are_refused(self):
        """But for case and spaces."""
        with pytest.raises(SeenFileError, match="two columns of the name client  ref"):
            seen("Client Ref,client  ref,Gender\nA-1,B-1,Female\n")


class TestEarlier:
    def test_an_earlier_mapping_goes_before_every_guess(self):
        """Also where a name differs in case; a new column is guessed, one that it left out stays so."""
        file = seen(FILE, earlier=EARLIER)
        kind = column(file, "Kind")
        assert (kind.guess, kind.separator, dict(kind.means)) == ("exploitation", ";", {"field work": "LABOUR"})
        assert [word for word, _ in kind.words] == ["field work", "Car wash"]
        assert column(file, "Gender").guess == "gender"
        assert (column(file, "Name").guess, column(file, "Name").why) == ("", "Left out, as in your mapping.")

    def test_what_is_gone_and_what_else_it_says_is_kept(self):
        """Its name, number, system and what is the same for everybody."""
        file = seen(FILE, earlier=EARLIER)
        assert (file.gone, file.not_known) == (("Went",), ("tbc",))
        kept = Kept(id="house", version=4, source="casefile", constants={"nation": "WALES"}, drop=("Name",))
        assert file.kept == kept

    def test_a_mapping_can_be_changed_without_a_file(self):
        """It shows what it says."""
        file = look_at_mapping(EARLIER, follows="m-1")
        assert [one.guess for one in file.columns] == ["reference", "exploitation", "referral_date"]
        assert (file.follows, file.fingerprint) == ("m-1", None)

    def test_a_column_of_withdrawals_is_nothing_else(self):
        """Under whatever name."""
        found = column(seen("Client Ref,Gender,Consent withdrawn on\nA-1,Female,x\n"), "Consent withdrawn on")
        assert (found.guess, found.sure, found.words) == ("consent_withdrawn", True, ())
