"""Reading Salesforce over real sockets, from a stand-in of its API that also behaves badly."""

import json
import threading
import time

import pytest
import requests

from services.case.sources.adapters.salesforce import SalesforceReader
from services.case.sources.rules.faults import SourceFaultError
from tests.kit.salesforce import CLIENT, HOST, PERSON, SETTINGS, fault, salesforce

FIELDS = ("Reference__c", "Consent__c")


def record(number, *, deleted=False, **values):
    return {
        "Id": f"a01{number:04d}",
        "IsDeleted": deleted,
        "Reference__c": f"SYN-{number}",
        "Consent__c": "Yes",
        **values,
    }


@pytest.fixture
def there(tmp_path):
    with salesforce(tmp_path, [record(n) for n in range(5)], FIELDS) as stand_in:
        yield stand_in


def reader(stand_in, secrets=CLIENT, settings=SETTINGS, fields=FIELDS, adapter=None, **options):
    return SalesforceReader(settings, secrets, fields, adapter=adapter or stand_in.adapter(), **options)


def read(stand_in, **options):
    one = reader(stand_in, **options)
    one.begin()
    return list(one.rows())


def refused(stand_in, **options):
    with pytest.raises(SourceFaultError) as error:
        read(stand_in, **options)
    # The library's own error, in whose text an answer stands, is not told on.
    assert error.value.__suppress_context__ or error.value.__context__ is None
    return error.value


class TestWhole:
    def test_every_page_of_every_record(self, there):
        """Also the deleted ones, in an order that is the same each time."""
        there.records[3]["IsDeleted"] = True
        rows = read(there)
        assert [row.cells for row in rows] == [(f"SYN-{n}", "Yes") for n in range(5)]
        assert [row.deleted for row in rows] == [False, False, False, True, False]
        assert {path for _, path, _ in there.asked if "query" in path} == {
            "/services/data/v62.0/queryAll/", "/services/data/v62.0/queryAll/01g-2", "/services/data/v62.0/queryAll/01g-4",
        }  # fmt: skip

    def test_a_person_signs_in_too(self, there):
        """With user name, password and token."""
        assert len(read(there, secrets=PERSON, settings={**SETTINGS, "sign_in": "password"})) == 5

    def test_cells_stand_as_an_export_writes_them(self, there):
        """Nothing, yes and no, numbers as they were written."""
        there.records = [record(1, Consent__c=None), record(2, Consent__c=True), record(3, Consent__c=1.50)]
        there.page = 9
        assert [row.cells[1] for row in read(there)] == ["", "true", "1.5"]

    def test_a_session_that_ends_in_the_middle_is_begun_again(self, there):
        """The page is asked for once more, and every record comes once."""
        ended = []

        def wrong(request):
            if request["path"].endswith("01g-2") and not ended:
                ended.append(there.expire())

        there.wrong = wrong
        assert [row.cells[0] for row in read(there)] == [f"SYN-{n}" for n in range(5)]
        assert there.tokens == 2

    def test_what_speaks_of_a_consent_is_read_although_the_mapping_leaves_it_out(self, there):
        """By its name or its label, as a file's column would be."""
        there.fields += [{"name": "Optout__c", "label": "Opted out of statistics (date)"}, "Notes__c"]
        there.records = [record(1, Optout__c="2026-10-01", Notes__c="invented")]
        one = reader(there)
        one.begin()
        assert [row.cells for row in one.rows()] == [("SYN-1", "Yes", "2026-10-01")]
        assert one.columns == (*FIELDS, "Opted out of statistics (date)")


class TestRefused:
    def test_wrong_credentials(self, there):
        """Only a person mends it."""
        assert refused(there, secrets={**CLIENT, "consumer_secret": "no"}).code == "SIGN_IN_REFUSED"
        settings = {**SETTINGS, "sign_in": "password"}
        assert refused(there, secrets={**PERSON, "security_token": "no"}, settings=settings).code == "SIGN_IN_REFUSED"

    @pytest.mark.parametrize(
        ("status", "word", "code", "passes"),
        [
            (401, "INVALID_SESSION_ID", "SIGN_IN_REFUSED", False),
            (403, "REQUEST_LIMIT_EXCEEDED", "LIMIT_REACHED", True),
            (403, "INSUFFICIENT_ACCESS", "NO_ACCESS", False),
            (403, "API_DISABLED_FOR_ORG", "NO_ACCESS", False),
            (404, "NOT_FOUND", "OBJECT_GONE", False),
            (503, "SERVER_UNAVAILABLE", "MAINTENANCE", True),
            (400, "QUERY_TIMEOUT", "TIMED_OUT", True),
            (418, "SOMETHING_NEW", "NOT_UNDERSTOOD", True),
        ],
    )
    def test_each_answer_has_plain_words(self, there, status, word, code, passes):
        """And whether it may pass by itself."""
        there.wrong = lambda request: fault(status, word) if "queryAll" in request["path"] else None
        found = refused(there)
        assert (found.code, found.fault.passes) == (code, passes)

    def test_a_maintenance_page_that_is_no_json(self, there):
        """As the edge of a data centre answers."""
        there.wrong = lambda request: (
            (503, "<html>Down for Maintenance</html>") if "queryAll" in request["path"] else None
        )
        assert refused(there).code == "MAINTENANCE"

    def test_a_field_that_was_renamed_is_named(self, there):
        """So the data lead knows which column of the mapping to mend."""
        there.fields = ["Reference__c", "Agreed__c"]
        found = refused(there)
        assert (found.code, found.names) == ("FIELD_GONE", ("Consent__c",))

    def test_a_field_that_is_renamed_in_between_is_named(self, there):
        """By the question's own answer, and no other word of it."""
        message = "ERROR at Row:1 No such column 'Consent__c' on entity 'Case__c'. SYN-1 secret words"
        there.wrong = lambda request: fault(400, "INVALID_FIELD", message) if "queryAll" in request["path"] else None
        found = refused(there)
        assert (found.code, found.names) == ("FIELD_GONE", ("Consent__c",))

    def test_another_object_is_gone(self, there):
        """Or was never there."""
        there.wrong = lambda request: fault(404, "NOT_FOUND") if request["path"].endswith("describe") else None
        assert refused(there).code == "OBJECT_GONE"

    def test_a_field_of_several_things_is_refused(self, there):
        """Nobody guesses which of them is meant."""
        there.records = [record(1, Consent__c={"street": "x"})]
        assert refused(there).code == "FIELD_NOT_PLAIN"


class TestNotWhole:
    def change(self, there, **changes):
        def wrong(request):
            if "queryAll" not in request["path"]:
                return None
            there.wrong = lambda request: None
            status, body = there._query(request)
            there.wrong = wrong
            return status, json.dumps({**json.loads(body), **changes})

        there.wrong = wrong

    def test_fewer_than_announced_is_nothing(self, there):
        """A reading is whole, or it is none."""
        self.change(there, totalSize=9)
        assert refused(there).code == "INCOMPLETE"

    def test_more_than_announced_is_nothing(self, there):
        """The same."""
        self.change(there, totalSize=3)
        assert refused(there).code == "INCOMPLETE"

    def test_a_page_without_its_next_one(self, there):
        """An end that is none."""
        self.change(there, nextRecordsUrl=None)
        assert refused(there).code == "INCOMPLETE"

    def test_pages_that_never_end(self, there):
        """Empty ones end it."""
        self.change(there, records=[], nextRecordsUrl="/services/data/v62.0/queryAll/01g-0")
        assert refused(there).code == "INCOMPLETE"

    def test_half_an_answer(self, there):
        """A connection that breaks off in the middle of a page."""

        def half(request):
            if "queryAll" not in request["path"]:
                return None
            handler = request["handler"]
            handler.send_response(200)
            handler.send_header("Content-Length", "5000")
            handler.end_headers()
            handler.wfile.write(b'{"totalSize": 5, "records": [')
            return ()

        there.wrong = half
        assert refused(there).code == "NOT_REACHED"

    def test_an_answer_that_does_not_come(self, there):
        """It ends with its time."""
        ended = threading.Event()
        there.wrong = lambda request: ended.wait(30) and None if "queryAll" in request["path"] else None
        began = time.monotonic()
        try:
            assert refused(there, adapter=there.adapter(whole_s=1.0)).code == "TIMED_OUT"
        finally:
            ended.set()
        assert time.monotonic() - began < 25

    def test_a_reading_that_takes_too_long_as_a_whole(self, there):
        """However short each answer is."""
        assert refused(there, within_s=-1.0).code == "TIMED_OUT"

    def test_an_answer_that_is_too_large(self, there):
        """It is not read to its end."""
        there.records = [record(1, Consent__c="x" * 200_000)]
        assert refused(there, adapter=there.adapter(most_read=100_000)).code == "ANSWER_TOO_LARGE"

    @pytest.mark.parametrize("body", ["", "[]", "null", '{"records": 7}', "<html>", '{"totalSize": "5"}'])
    def test_what_is_no_answer(self, there, body):
        """Whatever it is."""
        there.wrong = lambda request: (200, body) if "queryAll" in request["path"] else None
        assert refused(there).code == "NOT_UNDERSTOOD"


class TestOnlyThere:
    def test_another_s_certificate_is_refused(self, tmp_path):
        """Before anything is said."""
        with salesforce(tmp_path, name="other.example.org") as there:
            assert refused(there).code == "CERTIFICATE_REFUSED"
            assert there.asked == []

    def test_a_private_address_is_refused(self, there):
        """As everything that leaves here."""
        assert refused(there, adapter=there.adapter(loopback=False)).code == "ADDRESS_REFUSED"
        assert there.asked == []

    @pytest.mark.parametrize(
        "elsewhere", ["evil.example.org", "salesforce.com.evil.example", "evil.example/.salesforce.com"]
    )
    def test_no_answer_leads_elsewhere(self, there, elsewhere):
        """A sign-in that names another host takes no token there."""
        there.host = elsewhere
        assert refused(there).code == "ELSEWHERE"

    @pytest.mark.parametrize(
        "more",
        ["@evil.example.org/services/data/v62.0/query/1", "/services/data/../../apexrest/x", ".evil.example.org/"],
    )
    def test_no_page_leads_elsewhere(self, there, more):
        """Nor does the address of the next page."""
        TestNotWhole().change(there, nextRecordsUrl=more)
        assert refused(there).code in {"ELSEWHERE", "INCOMPLETE"}
        assert not any("apexrest" in path or "evil" in path for _, path, _ in there.asked)

    @pytest.mark.parametrize(
        "url",
        [
            "https://evil.example.org/services/data/v62.0/query/?q=x",
            f"http://{HOST}/services/data/v62.0/query/?q=x",
            f"https://{HOST}:8443/services/data/v62.0/query/?q=x",
            f"https://a:b@{HOST}/services/data/v62.0/query/?q=x",
            f"https://{HOST}/services/apexrest/x",
            f"https://{HOST}/services/oauth2/token",
        ],
    )
    def test_the_way_out_is_for_reading_and_signing_in_alone(self, there, url):
        """Whoever asks for something else, and by whatever library."""
        with pytest.raises(SourceFaultError) as error:
            there.adapter().send(requests.Request("GET", url).prepare())
        assert (error.value.code, there.asked) == ("ELSEWHERE", [])

    def test_a_redirect_is_not_followed(self, there):
        """Wherever it leads."""
        there.wrong = lambda request: (302, "", {"Location": f"https://{HOST}/services/data/v62.0/query/?q=x"})
        assert refused(there).code == "ELSEWHERE"
        assert len(there.asked) == 1

    @pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE", "PUT"])
    def test_nothing_can_be_written(self, there, method):
        """Whatever the library has calls for, the way out has none."""
        one = reader(there)
        one.begin()
        before = len(there.asked)
        with pytest.raises(SourceFaultError) as error:
            one._salesforce.restful("sobjects/Case__c/a010001", method=method)
        assert (error.value.code, len(there.asked)) == ("ELSEWHERE", before)
