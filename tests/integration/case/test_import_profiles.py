"""Mapping profiles of a host: proposed, approved, followed, retired; only an approved one is ever used."""

import threading

import pytest

from services.case.imports.rules.opening import open_by_header
from services.case.imports.rules.profile import HeaderChangedError, ProfileError
from services.case.imports.rules.reading import read_sheet
from services.case.mappings.rules.proposal import propose
from services.case.mappings.views import MappingViews

FILE = b"Client No,Start,Sex,Stats consent\nA-1,2026-10-02,Female,No\n"
OTHER = b"Client No,Start,Sex,Stats consent,More\nA-1,2026-10-02,Female,No,x\n"


def written(name="house", content=FILE, source="casefile", more=""):
    """A profile for exactly this file's header, as ``alongside import map`` writes it."""
    sheet = read_sheet(content, None)
    return (
        f"format: 1\nid: {name}\nsource: {source}\nfingerprint: {sheet.fingerprint}\n{more}"
        "columns:\n  Client No: reference\n  Start: referral_date\n  Sex: gender\n  Stats consent: consent\n"
    )


@pytest.fixture
def views(place):
    place.database("case")["import_profiles"].delete_many({})
    yield MappingViews(place.contexts["case"])
    # The host is shared: where files of several systems came, others' tests would have to name theirs.
    place.database("case")["imports"].delete_many({"source": {"$ne": "standard"}})


def propose_it(place, text):
    answer = place.post("/v1/import-profiles", {"text": text}, "HOST_DATA_LEAD")
    assert answer.status_code == 201, answer.json
    return answer.json["id"]


def ask(place, mapping, verb, version=1, role="HOST_ADMIN"):
    return place.post(f"/v1/import-profiles/{mapping}/{verb}", {}, role, **{"If-Match": f'"{version}"'})


def states(place):
    items = place.every("/v1/import-profiles", "HOST_DATA_LEAD")
    return {item["name"]: item["state"] for item in items}


class TestLife:
    def test_a_proposed_mapping_is_used_by_nothing_until_it_is_approved(self, place, views):
        """Then a file with exactly its header is read by it, and its no is heard."""
        mapping = propose_it(place, written())
        assert (views.approved(), views.named("house")) == ([], None)
        assert ask(place, mapping, "approve").status_code == 200
        file = open_by_header(FILE, views.approved(), None)
        assert (file.facts.profile, next(file.lines()).cells[file.fields.index("consent")]) == ("house", "No")
        row = place.get(f"/v1/import-profiles/{mapping}", "HOST_DATA_LEAD")
        assert (row.json["state"], row.json["text"], row.headers["ETag"]) == ("APPROVED", written(), '"2"')
        assert place.audited(action="case:import_profile:approve")

    def test_an_import_opens_a_file_by_name_or_by_its_header(self, place, views):
        """An unknown name and another system's mapping are refused; a shipped one needs no approval."""
        ask(place, propose_it(place, written()), "approve")
        assert [views.open(FILE, name=name).facts.profile for name in ("house", None)] == ["house", "house"]
        shipped_file = b"Client Ref,Referral Date,Gender,Age\n1042,05/10/2026,F,31\n"
        assert (
            views.open(shipped_file, name="charitylog_referrals", system="our-charitylog").facts.profile
            == "charitylog_referrals"
        )
        with pytest.raises(ProfileError, match="no approved mapping"):
            views.open(FILE, name="nonsense")
        with pytest.raises(ProfileError, match="for files of casefile"):
            views.open(FILE, name="house", system="helpline")

    def test_an_upload_is_read_by_the_approved_mapping(self, place, views):
        """By its header and by its name; the row without what a new person needs is set aside, and its age waits."""
        place.database("case")["imports"].delete_many({})
        ask(place, propose_it(place, written()), "approve")
        for query in ("?profile=house", ""):
            report = place.upload(FILE, query=query)
            assert (report["state"], report["profile"], report["counts"]["HELD"]) == ("DONE", "house", 1), report

    def test_a_file_goes_under_the_system_that_its_mapping_is_for(self, place, views):
        """Nobody has to say it; where files of another system alone came before, it is asked."""
        place.database("case")["imports"].delete_many({})
        ask(place, propose_it(place, written()), "approve")
        assert place.upload(FILE)["source"] == "casefile"
        ask(place, propose_it(place, written("other", OTHER, source="helpline")), "approve")
        sent = place.post("/v1/imports", OTHER, "HOST_DATA_LEAD")
        assert (sent.status_code, sent.json["code"]) == (422, "source-needed")
        assert "casefile, helpline" in sent.json["detail"]
        assert place.upload(OTHER, query="?source=helpline")["source"] == "helpline"

    def test_what_went_under_a_mappings_own_name_stays_there(self, place, views):
        """Else everybody of an earlier file would be taken for new."""
        imports = place.database("case")["imports"]
        imports.delete_many({})
        ask(place, propose_it(place, written()), "approve")
        place.upload(FILE)
        imports.update_many({}, {"$set": {"source": "house"}})
        assert place.upload(FILE)["source"] == "house"

    def test_a_proposal_takes_the_place_of_one_that_still_waits(self, place, views):
        """And of nothing that is approved; one that nobody knows is no proposal's place."""
        first = propose_it(place, written())
        answer = place.post("/v1/import-profiles", {"text": written(), "follows": first}, "HOST_DATA_LEAD")
        assert place.get(f"/v1/import-profiles/{first}", "HOST_DATA_LEAD").json["state"] == "RETIRED"
        ask(place, answer.json["id"], "approve")
        place.post("/v1/import-profiles", {"text": written(), "follows": answer.json["id"]}, "HOST_DATA_LEAD")
        assert place.get(f"/v1/import-profiles/{answer.json['id']}", "HOST_DATA_LEAD").json["state"] == "APPROVED"
        unknown = {"text": written(), "follows": "0192a3b4-0000-7000-8000-000000000000"}
        assert place.post("/v1/import-profiles", unknown, "HOST_DATA_LEAD").status_code == 404

    def test_a_changed_header_asks(self, place, views):
        """For the same system; without a system's name the file is one that nobody knows."""
        ask(place, propose_it(place, written()), "approve")
        with pytest.raises(HeaderChangedError, match="column E"):
            open_by_header(OTHER, views.approved(), "casefile")

    def test_a_later_mapping_takes_its_predecessors_place(self, place, views):
        """Of the same name, or for the same header of the same system; another system's stays."""
        for name, source in (("house", "casefile"), ("other", "helpline")):
            ask(place, propose_it(place, written(name, source=source)), "approve")
        ask(place, propose_it(place, written("house-2")), "approve")
        assert states(place) == {"house": "RETIRED", "other": "APPROVED", "house-2": "APPROVED"}
        with pytest.raises(ProfileError, match="house-2, other"):
            open_by_header(FILE, views.approved(), None)
        assert open_by_header(FILE, views.approved(), "helpline").facts.profile == "other"

    def test_retired_it_is_used_no_more(self, place, views):
        """And never again; a shipped profile of its name is one still."""
        mapping = propose_it(place, written("inform_star"))
        ask(place, mapping, "approve")
        assert views.named("inform_star").source == "casefile"
        assert ask(place, mapping, "retire", 2).status_code == 200
        assert views.named("inform_star").source == "in-form"
        assert ask(place, mapping, "approve", 3).status_code == 409

    @pytest.mark.usefixtures("views")
    def test_somebody_who_read_an_older_version_changes_nothing(self, place):
        """412, and the mapping stays as it was."""
        mapping = propose_it(place, written())
        ask(place, mapping, "approve")
        assert ask(place, mapping, "retire", 1).status_code == 412
        assert states(place) == {"house": "APPROVED"}

    def test_two_approved_at_once_are_asked_about_and_never_chosen_between(self, place, views):
        """Either one follows the other, or whoever imports has to name one; real threads on the real database."""
        mappings = [propose_it(place, written(f"m-{n}")) for n in range(2)]
        threads = [threading.Thread(target=ask, args=(place, one, "approve")) for one in mappings]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        approved = views.approved()
        assert approved
        if len(approved) == 1:
            assert open_by_header(FILE, approved, None).facts.profile == approved[0].id
        else:
            with pytest.raises(ProfileError, match="Name the one"):
                open_by_header(FILE, approved, None)


class TestRefused:
    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("id: x\ncolumns: {A: reference}\n", "format is missing"),
            (written(more="kind: pdf\n"), "Line 5"),
            (written(more="tenant: elsewhere\n"), "another host"),
            (written().replace("source: casefile\n", ""), "names no system"),
            (written().replace("Stats consent: consent", "Stats consent: {field: consent, words: {'No': GIVEN}}"), "a no is never anything else"),
            ("format: 1\n" + "x" * 70_000, "Length must be"),
        ],
    )  # fmt: skip
    def test_what_is_no_profile_of_this_host_is_refused_with_its_line(self, place, views, text, words):
        """Nothing of it is kept."""
        answer = place.post("/v1/import-profiles", {"text": text}, "HOST_DATA_LEAD")
        assert answer.status_code == 422
        assert words in answer.get_data(as_text=True)
        assert views.approved() == []
        assert states(place) == {}

    def test_a_proposed_profile_is_accepted_as_it_is_written(self, place, views):
        """What the command line proposes, the API takes."""
        text = propose(read_sheet(FILE, None)).as_yaml("proposed", source="casefile")
        ask(place, propose_it(place, text), "approve")
        assert open_by_header(FILE, views.approved(), "casefile").facts.profile == "proposed"


@pytest.mark.parametrize(("wanted", "begins"), [("", b"\xef\xbb\xbfClient Ref,"), ("?format=xlsx", b"PK\x03\x04")])
def test_the_template_is_downloaded(place, wanted, begins):
    """As CSV and as XLSX."""
    answer = place.get(f"/v1/import-template{wanted}", "HOST_ADMIN")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert answer.data.startswith(begins)
