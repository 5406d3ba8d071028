"""Schedules, states, faults and questions of sources, without a database."""

from datetime import UTC, datetime, timedelta

import pytest

from services.case.imports.rules.profile import Profile
from services.case.sources.rules import answers, faults, salesforce, schedule
from services.case.sources.rules.faults import FAULTS, SourceFaultError
from services.case.sources.rules.source import (
    ACTIVE,
    BY_FAILURES,
    BY_PERSON,
    FOLDER,
    HELD,
    MOST_CUT_OFF,
    PAUSED,
    PULL,
    SALESFORCE,
    TEST,
    Source,
    SourcePausedError,
)

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
PERMANENT, PASSES = SourceFaultError("NO_ACCESS"), SourceFaultError("MAINTENANCE")


def source(**values):
    plain = {
        "id": "s", "name": "n", "kind": SALESFORCE, "profile": "p", "system": "p", "at": None, "settings": {},
        "created_by": "a", "created_at": NOW, "updated_at": NOW,
    }  # fmt: skip
    return Source(**{**plain, **values})


class TestSchedule:
    @pytest.mark.parametrize(
        ("now", "at", "expected"),
        [
            ("2026-11-27T01:00:00", "02:30", "2026-11-27T02:30:00"),
            ("2026-11-27T02:30:00", "02:30", "2026-11-28T02:30:00"),
            ("2026-07-01T01:00:00", "02:30", "2026-07-01T01:30:00"),
            # London leaves 01:30 out on this day, and has it twice on that one.
            ("2026-03-29T00:00:00", "01:30", "2026-03-29T01:30:00"),
            ("2026-10-25T00:00:00", "01:30", "2026-10-25T00:30:00"),
            ("2026-10-25T00:30:00", "01:30", "2026-10-26T01:30:00"),
        ],
    )
    def test_once_a_day_in_london(self, now, at, expected):
        """Also where the clocks change."""
        found = schedule.next_daily(at, datetime.fromisoformat(now).replace(tzinfo=UTC))
        assert found == datetime.fromisoformat(expected).replace(tzinfo=UTC)

    @pytest.mark.parametrize("text", ["24:00", "2:30", "02:60", "02:30\n", "0230", ""])
    def test_what_is_no_time_of_day(self, text):
        """Four figures with a colon."""
        assert schedule.TIME_OF_DAY.fullmatch(text) is None

    def test_tries_are_bounded(self):
        """And then it waits for its next day."""
        waits = [schedule.retry_at(n, NOW) for n in range(len(schedule.RETRY_AFTER) + 2)]
        assert [one is None for one in waits] == [True, False, False, False, False, True]


class TestStanding:
    def test_five_permanent_failures_pause_it(self):
        """And one that may pass in between does not begin the count anew."""
        one = source(at="02:30")
        for number in range(1, 5):
            one = one.failed(PERMANENT, NOW).failed(PASSES, NOW)
            assert (one.state, one.failures, one.red_at) == (ACTIVE, number, NOW)
        one = one.failed(PERMANENT, NOW)
        assert (one.state, one.paused_by, one.next_at) == (PAUSED, BY_FAILURES, None)
        assert one.resumed(NOW).failures == 0

    def test_what_may_pass_is_not_red_until_two_days_are_over(self):
        """Silence is: nobody has read it for two intervals."""
        one = source(at="02:30").scheduled(NOW).failed(PASSES, NOW)
        assert one.red_at == NOW + timedelta(days=2)
        assert one.next_at == NOW + timedelta(minutes=1)

    def test_a_good_reading_makes_it_green_again(self):
        """Whatever was wrong before."""
        one = source(at="02:30").failed(PERMANENT, NOW)
        one = one.read(now=NOW, import_id="i", content="c", rows=1, deleted=0)
        assert (one.last_fault, one.failures, one.red_at) == (None, 0, NOW + timedelta(days=2))

    def test_what_a_person_pauses_is_nobodys_to_mend(self):
        """It is read no more, and not red."""
        one = source(at="02:30").scheduled(NOW).paused(BY_PERSON, NOW)
        assert (one.wants(NOW + timedelta(days=9)), one.red_at) == (None, None)
        with pytest.raises(SourcePausedError):
            one.asked_for(PULL, by="a", now=NOW)
        assert one.asked_for(TEST, by="a", now=NOW).wants(NOW) == TEST

    def test_a_reading_that_is_cut_off_each_time_ends(self):
        """It is counted before it is made."""
        one = source()
        for _ in range(MOST_CUT_OFF):
            one = one.begun("i", now=NOW, real_now=NOW)
            assert not one.was_cut_off
        assert one.begun("i", now=NOW, real_now=NOW).was_cut_off
        assert one.read(now=NOW, import_id=None, content="c", rows=0, deleted=0).cut_off == 0

    def test_who_died_is_waited_for_and_then_followed(self):
        """With a greater number."""
        one = source().begun("i", now=NOW, real_now=NOW)
        assert one.is_held(NOW + HELD - timedelta(seconds=1))
        assert not one.is_held(NOW + HELD)
        assert one.begun("j", now=NOW, real_now=NOW).fence == one.fence + 1

    def test_what_was_asked_for_meanwhile_is_still_to_be_done(self):
        """A pull that somebody asked for after the reading began is another one."""
        one = source().asked_for(PULL, by="a", now=NOW).begun("i", now=NOW + timedelta(seconds=1), real_now=NOW)
        assert one.let_go().asked is None
        assert one.asked_for(PULL, by="a", now=NOW + timedelta(seconds=2)).let_go().asked == PULL

    def test_a_test_takes_no_reading_away(self):
        """Which somebody asked for before, and was promised; while one is made, a test is another thing."""
        one = source().asked_for(PULL, by="a", now=NOW)
        assert one.asked_for(TEST, by="b", now=NOW).asked == PULL
        assert one.begun("i", now=NOW, real_now=NOW).asked_for(TEST, by="b", now=NOW).asked == TEST

    def test_a_test_leaves_the_names_of_the_last_reading(self):
        """Each fault is told with its own columns."""
        one = source().failed(SourceFaultError("FIELD_GONE", ["A__c"]), NOW)
        assert one.tested(SourceFaultError("FIELD_GONE", ["B__c"]), NOW).fault_names == ("A__c",)
        tested = one.tested(SourceFaultError("FIELD_GONE", ["B__c"]), NOW).failed(PASSES, NOW)
        assert (tested.fault_names, tested.test_names) == ((), ("B__c",))

    def test_a_folder_that_is_wrong_is_red_at_once(self):
        """It is looked at all the time."""
        one = source(kind=FOLDER, at="02:30").scheduled(NOW).failed(SourceFaultError("FOLDER_MISSING"), NOW)
        assert one.red_at == NOW
        assert one.in_order(NOW).red_at == NOW + timedelta(days=2)


class TestWords:
    def test_each_fault_says_what_and_what_to_do(self):
        """In sentences."""
        for code, fault in FAULTS.items():
            assert fault.code == code
            assert faults.words(code).endswith(".")
            assert fault.cure.endswith((".", "page."))

    def test_no_word_of_an_answer_is_told(self):
        """But names that were asked for."""
        content = [
            {"errorCode": "INVALID_FIELD", "message": "No such column 'Jane Doe' 'Age__c' No such column 'Age__c'"}
        ]
        found = answers.of_salesforce(400, content, ["Age__c", "Id"])
        assert (found.code, found.names) == ("FIELD_GONE", ("Age__c",))
        assert faults.words(found.code, found.names).endswith(": Age__c.")

    @pytest.mark.parametrize("content", [None, "", [], {}, [[]], [None], [{"errorCode": 7}], "<html>"])
    def test_whatever_comes_has_a_fault(self, content):
        """Never an error of ours."""
        assert answers.of_salesforce(418, content, []).code == "NOT_UNDERSTOOD"

    @pytest.mark.parametrize(
        ("code", "expected"),
        [
            ("INVALID_LOGIN", "SIGN_IN_REFUSED"), ("sf:LOGIN_MUST_USE_SECURITY_TOKEN", "SIGN_IN_REFUSED"),
            ("invalid_client", "SIGN_IN_REFUSED"), ("server_error", "MAINTENANCE"), (503, "MAINTENANCE"),
            ("sf:API_DISABLED_FOR_ORG", "NO_ACCESS"), (None, "SIGN_IN_REFUSED"),
        ],
    )  # fmt: skip
    def test_a_refused_sign_in(self, code, expected):
        """As Salesforce says it, or its edge."""
        assert answers.of_sign_in(code).code == expected


class TestQuestions:
    def test_id_and_deletion_are_asked_for_always(self):
        """And once."""
        assert salesforce.soql("Case__c", ["Age__c"]) == "SELECT Id, IsDeleted, Age__c FROM Case__c ORDER BY Id"
        assert salesforce.soql("C", ["id", "Age__c"]) == "SELECT IsDeleted, id, Age__c FROM C ORDER BY Id"

    @pytest.mark.parametrize(
        "name", ["", "1a", "a b", "a,b", "a;", "a'", "(SELECT Id FROM Contacts)", "a.", ".a", "a\n"]
    )
    def test_nothing_but_names_goes_into_a_question(self, name):
        """No setting can make it ask for more."""
        with pytest.raises(SourceFaultError):
            salesforce.soql("Case__c", [name])
        with pytest.raises(SourceFaultError):
            salesforce.soql(name, ["Age__c"])
        with pytest.raises(SourceFaultError):
            salesforce.fields_of(Profile(id="p", title="p", columns={name: "reference"}))

    @pytest.mark.parametrize(
        "host",
        [
            "salesforce.com", "x.salesforce.com.evil.example", "xsalesforce.com", "x.salesforce.com/", "X.salesforce.com",
            "x.salesforce.com:443", "a@x.salesforce.com", "-x.salesforce.com", "x..salesforce.com", "x.salesforce.com\n",
            "https://x.salesforce.com", "x.salesforce.com.",
        ],
    )  # fmt: skip
    def test_a_host_is_below_salesforce(self, host):
        """And nothing that two programs could read differently."""
        assert salesforce.HOST.fullmatch(host) is None
        assert salesforce.HOST.fullmatch("x--dev.sandbox.my.salesforce.com")

    def test_a_field_of_another_object(self):
        """By its path; what is not there is empty, and what is not of this shape is no answer."""
        assert salesforce.cell({"Account": {"Nation__c": "Wales"}}, "Account.Nation__c") == "Wales"
        assert salesforce.cell({"Account": None}, "Account.Nation__c") == ""
        assert salesforce.cell({"AGE__C": 3}, "Age__c") == "3"
        for record in ({"Account": 7}, {}, {"Account": {}}):
            with pytest.raises(SourceFaultError):
                salesforce.cell(record, "Account.Nation__c")

    @pytest.mark.parametrize(
        ("how", "secrets", "name"),
        [
            ("client_credentials", {"consumer_key": "a", "consumer_secret": "b"}, None),
            ("client_credentials", {"consumer_key": "a"}, "consumer_secret"),
            ("client_credentials", {"consumer_key": "a", "consumer_secret": "b c"}, "consumer_secret"),
            ("client_credentials", {"consumer_key": "a", "consumer_secret": "b", "more": "c"}, "more"),
            ("password", {"username": "a", "password": "b c", "security_token": "d"}, None),
            ("password", {"username": "a", "password": "b", "security_token": "</n1:password>"}, "security_token"),
            ("password", {"username": "a", "password": "b", "security_token": ""}, "security_token"),
        ],
    )
    def test_credentials_are_whole(self, how, secrets, name):
        """And what goes into the sign-in as it stands cannot end its place."""
        assert salesforce.secret_problem(how, secrets) == name
