"""One person, one identity: sources, references that look alike, a second referral, and whose record a row is."""

import pytest

from tests.kit.import_files import COLUMNS, episodes_of, export, line, listed, references
from tests.kit.tenant_place import TenantPlace

pytestmark = pytest.mark.integration

OTHER_LAYOUT = "Case Ref;Opened;Age group;Sex;Nationality;Exploitation;Country\n{ref};02/10/2026;Adult;Female;Albanian;Labour;England\n"


@pytest.fixture(scope="module")
def fresh(engines, tmp_path_factory):
    """A host that has imported nothing yet."""
    place = TenantPlace(engines, tmp_path_factory.mktemp("fresh"))
    yield place
    place.close()


def people(place):
    return place.database("case")["survivors"].count_documents({})


class TestSource:
    def test_a_reference_belongs_to_its_system_and_a_host_with_two_has_to_name_it(self, fresh):
        """One system needs no name, also after its layout changed; a second one is other people; then each is named."""
        first = fresh.upload(export(line("1001"), line("1002")))
        assert (first["counts"]["ACCEPTED"], first["source"], first["source_is_new"]) == (2, "standard", False)
        renamed = fresh.upload(OTHER_LAYOUT.format(ref="1002").encode())
        assert (renamed["counts"], renamed["source"]) == ({"UNCHANGED": 1, "QUARANTINED": 0}, "standard")

        asked = fresh.upload(
            export(line("1001", Gender="Male", Nationality="Vietnamese", Statistics_Consent="Refused"))
        )
        assert listed(asked) == {(2, "another-person")}

        other = export(line("1001", Gender="Male", Nationality="Vietnamese"), line("1003"))
        second = fresh.upload(other, query="?source=helpline")
        assert (second["counts"]["ACCEPTED"], second["source_is_new"]) == (2, True)
        assert people(fresh) == 4

        refused = fresh.post("/v1/imports", export(line("1004")), "HOST_DPO")
        assert (refused.status_code, refused.json["code"]) == (422, "source-needed")
        assert "helpline, standard" in refused.json["errors"][0]["detail"]
        assert fresh.upload(other, query="?source=helpline")["counts"] == {"UNCHANGED": 2, "QUARANTINED": 0}

    def test_a_known_row_may_be_taken_as_a_correction(self, several_systems):
        """Who says so has looked: gender, nationality and day of referral are put right."""
        query = "?source=corrected"
        first = several_systems.upload(export(line("C-1")), query=query)
        (episode,) = episodes_of(several_systems, first).values()
        content = export(line("C-1", Gender="Male", Nationality="Vietnamese", Referral_Date="03/10/2026"))
        assert several_systems.upload(content, query=query)["counts"] == {"QUARANTINED": 1}
        report = several_systems.upload(content, query=f"{query}&known_rows=correct")
        assert report["counts"] == {"CHANGED": 1, "QUARANTINED": 0}
        row = several_systems.get(f"/v1/episodes/{episode}").json
        assert (row["gender"], row["nationality"], row["referral_date"]) == ("MALE", ["VNM"], "2026-10-03")


class TestReferences:
    @pytest.mark.parametrize(
        ("known", "alike"),
        [
            ("00{n}", "{n}"), ("SYN {n}", "SYN{n}"), ("SYN-{n}", "syn-{n}"), ("caf\u00e9{n}", "cafe\u0301{n}"),
            ("Zo\u00eb{n}", "Zoe{n}"), ("A\u00a0{n}", "A {n}"), ("\uff11{n}", "1{n}"),
        ],
    )  # fmt: skip
    def test_one_that_only_looks_different_is_shown_not_merged_and_not_made(self, several_systems, known, alike):
        """Nobody is counted twice; who knows that they are two says so with exact references."""
        number = str(int.from_bytes(references(1)[0].encode()[-5:]))
        known, alike = known.format(n=number), alike.format(n=number)
        query = "?source=twins"
        several_systems.upload(export(line(known)), query=query)
        before = people(several_systems)
        report = several_systems.upload(export(line(alike)), query=query)
        assert (report["counts"], listed(report)) == ({"QUARANTINED": 1}, {(2, "likely-twin")})
        assert people(several_systems) == before
        exact = several_systems.upload(export(line(alike)), query=f"{query}&exact_references=true")
        assert exact["counts"] == {"ACCEPTED": 1, "QUARANTINED": 0}

    def test_long_numbers_that_share_a_short_form_are_several_people(self, several_systems):
        """Only a shortened number is looked for by its short form; two whole ones are two."""
        refs = [f"12345678{n:06}" for n in range(4)]
        report = several_systems.upload(export(*map(line, refs)), query="?source=long-numbers")
        assert report["counts"] == {"ACCEPTED": 4, "QUARANTINED": 0}

    def test_two_alike_in_one_file(self, several_systems):
        """The first is made, the second is shown."""
        report = several_systems.upload(export(line("0777"), line("777")), query="?source=two-alike")
        assert (report["counts"], listed(report)) == ({"ACCEPTED": 1, "QUARANTINED": 1}, {(3, "likely-twin")})

    @pytest.mark.parametrize("short", ["1.23457E+11", "1.2E+11", "1E+11"])
    def test_a_number_that_a_spreadsheet_shortened_is_nobodys(self, several_systems, short):
        """It makes nobody; if its row says no, everybody whose number it may be is left out."""
        query = f"?source=short-{short.replace('+', '')}"
        report = several_systems.upload(export(line("123456789012")), query=query)
        (episode,) = episodes_of(several_systems, report).values()
        report = several_systems.upload(export(line(short)), query=query)
        assert (report["counts"], listed(report)) == ({"QUARANTINED": 1}, {(2, "reference-shortened")})
        several_systems.upload(export(line(short, Statistics_Consent="Refused")), query=query)
        shown = several_systems.get(f"/v1/episodes/{episode}").json
        assert (shown["excluded"], shown["left_out"]) == (True, ["TWIN_SAYS_NO"])


class TestReferrals:
    def test_a_second_referral_is_a_question_and_the_first_stays(self, place):
        """In one file with the first, or alone under a known reference: never a silent move to another quarter."""
        known, fresh = references(2)
        (episode,) = episodes_of(place, place.upload(export(line(known, Referral_Date="02/07/2026")))).values()
        both = [line(known, Referral_Date=day) for day in ("02/07/2026", "08/10/2026")]
        report = place.upload(export(*both))
        assert (report["counts"], listed(report)) == ({"UNCHANGED": 1, "QUARANTINED": 1}, {(3, "another-referral")})
        report = place.upload(export(both[1]))
        assert listed(report) == {(2, "another-referral")}
        assert place.get(f"/v1/episodes/{episode}").json["referral_date"] == "2026-07-02"

        later_first = [line(fresh, Referral_Date=day) for day in ("08/10/2026", "02/07/2026")]
        report = place.upload(export(*later_first))
        assert (report["counts"], listed(report)) == ({"ACCEPTED": 1, "QUARANTINED": 1}, {(2, "another-referral")})
        (episode,) = episodes_of(place, report).values()
        assert place.get(f"/v1/episodes/{episode}").json["referral_date"] == "2026-07-02"

    def test_rows_that_differ_only_where_nothing_is_mapped_are_one(self, place):
        """Two notes of one record are no clash."""
        (ref,) = references(1)
        report = place.upload(export(line(ref, Notes="rang"), line(ref, Notes="rang again"), columns=COLUMNS))
        assert report["counts"] == {"ACCEPTED": 1, "DUPLICATE": 1, "QUARANTINED": 0}
