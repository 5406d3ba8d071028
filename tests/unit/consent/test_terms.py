"""How a decision was asked for, and its bounds: three ways not to know, a shorter yes, a day to be asked again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.consent.ledger.documents import CONSENT, consent_from, consent_row
from services.consent.ledger.errors import (
    AskedBeforeTheirDayError,
    AskedTooSoonError,
    BeyondAYearError,
    CapacityFirstError,
    DataNotOfPurposeError,
    MisplacedTermError,
    SettingContradictedError,
)
from services.consent.ledger.keys import consent_key
from services.consent.ledger.rules import Consent
from services.consent.ledger.standing import ENDING, Entry
from services.consent.ledger.terms import LISTS, NOTHING_TOLD, Terms, check_terms
from services.consent.purposes.register import PURPOSES
from shared.codelists.errors import UnknownCodeError
from shared.codelists.lists import get

NOW = datetime(2026, 8, 1, tzinfo=UTC)
DAY = timedelta(days=1)
STATISTICS, CASE_STUDY = "AGGREGATE_STATISTICS", "LEARNING_CASE_STUDY_ANONYMISED"


def check(decision="GIVEN", *, setting_private=None, purpose=STATISTICS, **said):
    return check_terms(Terms(**said), purpose=purpose, decision=decision, said_at=NOW, setting_private=setting_private)


def entry(status="GIVEN", *, said=0, **terms):
    at = NOW + said * DAY
    return Entry(status=status, said_at=at, recorded_at=at, actor_id="a", source="DIRECT", terms=Terms(**terms))


def ledger(*entries):
    return Consent(id="c", survivor_id="s", purpose=STATISTICS, entries=entries)


class TestChecks:
    @pytest.mark.parametrize("answer", ["NOT_ASKED", "DECLINED_TO_ANSWER", "NOT_KNOWN"])
    @pytest.mark.parametrize("name", ["explained", "setting", "capacity"])
    def test_three_answers_stay_three_and_none_of_them_is_in_private(self, name, answer):
        """Each is taken as it was said; a setting that nobody told is not private."""
        assert check("REFUSED", **{name: answer}) is None
        assert entry(**{name: answer}).terms.kept() == {name: answer}

    @pytest.mark.parametrize(("setting", "told"), [("PRIVATE", True), ("OTHERS_PRESENT", False)])
    def test_the_setting_says_whether_others_could_hear(self, setting, told):
        """Also where the older field says the same; where it says otherwise, one of them is mended."""
        assert check(setting=setting) is told
        assert check(setting=setting, setting_private=told) is told
        with pytest.raises(SettingContradictedError):
            check(setting=setting, setting_private=not told)

    def test_a_declined_setting_outdoes_an_older_field(self):
        """A no to the question is no private setting."""
        assert check(setting="DECLINED_TO_ANSWER", setting_private=True) is None

    @pytest.mark.parametrize("name", sorted(LISTS))
    def test_a_code_of_no_list_is_refused(self, name):
        """Whoever calls."""
        with pytest.raises(UnknownCodeError):
            check(**{name: "ANYTHING"})

    @pytest.mark.parametrize("days", [-1, 0, 366])
    def test_a_yes_ends_within_its_year(self, days):
        """Not before it was said, and never later."""
        with pytest.raises(BeyondAYearError):
            check(valid_until=NOW + days * DAY)

    @pytest.mark.parametrize(
        ("decision", "terms"),
        [("REQUESTED", {"valid_until": NOW + DAY}), ("DEFERRED", {"data_classes": ("COUNTED_CODES",)}),
         ("GIVEN", {"ask_from": NOW + DAY}), ("REQUESTED", {"ask_from": NOW + DAY})],
    )  # fmt: skip
    def test_a_term_of_another_kind_of_decision_is_refused(self, decision, terms):
        """It would say something that nobody said."""
        with pytest.raises(MisplacedTermError):
            check(decision, **terms)

    @pytest.mark.parametrize("no", sorted(ENDING))
    @pytest.mark.parametrize(
        "beside",
        [{"valid_until": NOW - DAY}, {"data_classes": ("HEALTH",)}, {"data_classes": ()}, {"ask_from": NOW + DAY},
         {"setting": "PRIVATE", "setting_private": False}, {"capacity": "NOT_ESTABLISHED"}],
    )  # fmt: skip
    def test_a_no_is_taken_whatever_stands_beside_it(self, no, beside):
        """Nothing that would stop a yes, or that a no cannot have, stops one."""
        check(no, **beside)

    @pytest.mark.parametrize("classes", [(), ("HEALTH",), ("COUNTED_CODES", "HEALTH")])
    def test_a_yes_covers_no_more_than_its_purpose_takes(self, classes):
        """And not nothing."""
        with pytest.raises(DataNotOfPurposeError):
            check(data_classes=classes)
        assert check(data_classes=("COUNTED_CODES",)) is None

    def test_whoever_cannot_be_shown_to_decide_says_no_yes(self):
        """It is recorded as what it is; a no is always taken."""
        with pytest.raises(CapacityFirstError):
            check(capacity="NOT_ESTABLISHED")
        check("REFUSED", capacity="NOT_ESTABLISHED")


class TestBounds:
    def test_a_yes_for_less_than_a_year_ends_when_they_said(self):
        """At that moment, whoever noticed; a longer one than a year is none."""
        consent = ledger(entry(valid_until=NOW + 30 * DAY))
        assert consent.until == NOW + 30 * DAY
        assert consent.is_effective(NOW + 29 * DAY)
        assert not consent.is_effective(NOW + 30 * DAY)
        assert ledger(entry(valid_until=NOW + 900 * DAY)).until == ledger(entry()).until

    def test_whoever_put_it_off_is_not_asked_before_their_day(self):
        """From then on they are, and what they decide themselves is taken at any time."""
        consent = ledger(entry("DEFERRED", ask_from=NOW + 30 * DAY))
        with pytest.raises(AskedBeforeTheirDayError) as refused:
            consent.decided(entry("REQUESTED", said=29))
        assert refused.value.not_before == NOW + 30 * DAY
        assert consent.decided(entry("REQUESTED", said=30)).status == "REQUESTED"
        assert consent.decided(entry("GIVEN", said=1)).status == "GIVEN"

    @pytest.mark.parametrize("since", [entry("DEFERRED", said=1), entry("REFUSED", said=1), entry("EXPIRED", said=1)])
    def test_a_day_that_they_named_holds_until_they_name_another(self, since):
        """A blank does not take it back, nor does what came since; an earlier day of theirs does, and so does a yes."""
        consent = ledger(entry("DEFERRED", ask_from=NOW + 200 * DAY), since)
        with pytest.raises(AskedBeforeTheirDayError) as refused:
            consent.decided(entry("REQUESTED", said=199))
        assert refused.value.not_before == NOW + 200 * DAY
        assert consent.decided(entry("REQUESTED", said=200)).status == "REQUESTED"
        sooner = consent.decided(entry("DEFERRED", said=2, ask_from=NOW + 100 * DAY))
        assert sooner.decided(entry("REQUESTED", said=100)).status == "REQUESTED"
        agreed = consent.decided(entry("GIVEN", said=2)).decided(entry("CAPACITY_NOT_ESTABLISHED", said=3))
        assert agreed.decided(entry("REQUESTED", said=4)).status == "REQUESTED"

    def test_a_day_that_they_named_with_a_no_holds_too(self):
        """After the 90 days that hold in any case."""
        consent = ledger(entry("REFUSED", ask_from=NOW + 200 * DAY))
        with pytest.raises(AskedBeforeTheirDayError):
            consent.decided(entry("REQUESTED", said=199))

    def test_of_two_days_the_later_one_is_told(self):
        """Their own, or the end of the 90 days after a no."""
        for days, error in ((89, AskedTooSoonError), (91, AskedBeforeTheirDayError)):
            consent = ledger(entry("REFUSED"), entry("DEFERRED", ask_from=NOW + days * DAY))
            with pytest.raises(error) as refused:
                consent.decided(entry("REQUESTED", said=2))
            assert refused.value.not_before == NOW + max(days, 90) * DAY


class TestKeeping:
    def test_a_ledger_of_before_the_terms_is_read(self):
        """And its lines say nothing of how somebody was asked."""
        document = _stored(ledger(entry(setting="PRIVATE")))
        del document["entries_terms"], document["recipient_class"]
        (line,) = consent_from(document).entries
        assert line.terms == NOTHING_TOLD

    def test_what_a_newer_version_keeps_harms_nobody(self):
        """A name that this version does not know is left where it is."""
        document = _stored(ledger(entry(setting="PRIVATE")))
        document["entries_terms"][0]["mood"] = "CALM"
        document["entries_more"][0]["mood"] = "CALM"
        assert consent_from(document) == replace(ledger(entry(setting="PRIVATE")), version=1)

    @given(
        st.fixed_dictionaries(
            {},
            optional={
                **{name: st.sampled_from(get(codes).codes) for name, codes in LISTS.items()},
                "data_classes": st.lists(st.sampled_from(get("data_class").codes), unique=True).map(tuple),
                "valid_until": st.just(NOW + DAY),
                "ask_from": st.just(NOW),
            },
        )
    )
    def test_whatever_was_told_comes_back(self, said):
        """In the ledger and in the row that the API shows."""
        consent = ledger(entry(**said))
        document = _stored(consent)
        assert consent_from(document).entries == consent.entries
        (shown,) = consent_row(document)["history"]
        assert {name: shown.get(name) for name in said} == {
            name: list(value) if name == "data_classes" else value for name, value in said.items()
        }


def test_each_further_recipient_has_a_ledger_of_their_own():
    """The purpose's first recipients, none named and whom it never had share one: a no among them ends what there is."""
    own, other = PURPOSES[CASE_STUDY].recipients[:2]
    keys = [consent_key("s", CASE_STUDY, one) for one in (None, own, "FUNDER", other)]
    assert keys[0] == keys[1] == keys[2] == consent_key("s", CASE_STUDY)
    assert keys[3] != keys[0]


def _stored(consent):
    values = {name: getattr(consent, name) for name in ("survivor_id", "purpose", "statement", "recipient_class")}
    lines = dict.fromkeys(("entries", "entries_more", "entries_terms"), consent.entries)
    document = CONSENT.changed(
        {"_id": "c"}, status=consent.status, until=consent.until, updated_at=NOW, **values, **lines
    )
    return {**document, "version": 1}
