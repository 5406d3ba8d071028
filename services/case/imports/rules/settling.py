"""What is decided of one row when it is known whom it may be about; pure, what is read and written is not here.

Promise: what an empty cell, a missing column or "not known" does not say stays as it is recorded; a known reference
that tells of another referral, or of another person, is a question. Shown by
``tests/integration/case/test_import_identity.py`` and ``tests/integration/case/test_import_not_known.py``.
"""

from dataclasses import dataclass, fields, replace
from datetime import datetime

from services.case.episodes.rules import ACTIVE, Episode
from services.case.imports.rules.said import CONSENT_UNREADABLE, ConsentStatement, EpisodeFacts, Problem
from services.case.imports.rules.verdicts import Verdict
from shared.codelists.consent_words import NOT_STATED
from shared.contracts.casework import EpisodeStatusChanged

UNMATCHED = Problem(
    column="reference", code="no-unmatched", urgent=True,
    sentence="A row that says no could not be matched with anybody, so nobody was taken out of counting. "
    "Correct this row first.",
)  # fmt: skip
TWIN = Problem(
    column="reference", code="likely-twin",
    sentence="Somebody is known under a reference much like this one: zeros, spaces, capitals or accents differ. "
    "Correct the reference if it is the same person; if not, upload with exact references.",
)  # fmt: skip
TWIN_TELLS = Problem(
    column="reference", code="likely-twin-says-no", urgent=True,
    sentence="A row that says no, or may be a child's, has a reference much like that of somebody else. "
    "That person is not counted now. Correct the reference; a caseworker who has looked counts the person again.",
)  # fmt: skip
OTHER_REFERRAL = Problem(
    column="referral_date", code="another-referral",
    sentence="This reference is known with another day of referral. If the person came back, open a new episode for "
    "them; if the day was wrong, upload with known rows as corrections.",
)  # fmt: skip
OTHER_PERSON = Problem(
    column="reference", code="another-person",
    sentence="This reference is known for somebody of another gender and nationality. Name the system that the file "
    "comes from; or, if the record was wrong, upload with known rows as corrections.",
)  # fmt: skip
STAYS_OUT = Problem(
    column="age_at_referral", code="stays-left-out",
    sentence="An earlier file said that this person may be a child, or a reference like theirs said no. They are not "
    "counted until a caseworker has looked and counts them again.",
)  # fmt: skip
ANSWER_UNREAD = Problem(
    column="consent", code="answer-unread",
    sentence="An answer of this person's could not be read, so they are not counted. Write given, refused or withdrawn "
    "in each row of theirs; or a caseworker who has looked counts them again.",
)  # fmt: skip
ERASED = Problem(
    column="reference", code="erased",
    sentence="This person was erased here, so the row is not imported. Take the record out of the export.",
)  # fmt: skip
RESTRICTED = Problem(
    column="reference", code="restricted",
    sentence="The use of this person's record is restricted, so the row is held and nothing of it was taken, but a no. "
    "Ask your data protection officer; upload the file again once it is lifted.",
)  # fmt: skip
SINCE_THE_PLAN = Problem(
    column="row", code="changed-since-plan",
    sentence="Somebody changed this record while the plan was carried out, so the row was not taken; a no in it was. "
    "Upload the file again, and look at its new plan.",
)  # fmt: skip
CHANGED_SINCE, UNDONE_ROW = "CHANGED_SINCE_PLAN", "UNDONE"
"""What became of a row that changed since the plan, and what is kept of a row whose import was undone."""


_NOTHING_KNOWN = frozenset({"NOT_KNOWN", "NOT_ASKED", "NOT_SPECIFIED", "NOT_SPECIFIED_OR_UNKNOWN"})


@dataclass(frozen=True, kw_only=True)
class Row:
    """A verdict with the keys under which it is known again.

    Attributes:
        key: HMAC of source and reference, or of what a row without a reference says.
        twins: HMACs of the forms under which the row is found by a reference that may be the same person's.
        looks: HMACs of the forms under which it looks for others; a long number is not looked for by its short form,
            which many have.
        survivor_id, episode_id: Ids to use if the row makes somebody.
    """

    key: str
    content: str
    verdict: Verdict
    survivor_id: str
    episode_id: str
    twins: tuple[str, ...] = ()
    looks: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a row.

    Attributes:
        kind: As it is counted.
        ended: Whether it ended a consent that an earlier file had stated.
    """

    kind: str
    problems: tuple[Problem, ...] = ()
    ended: bool = False


@dataclass(frozen=True, kw_only=True)
class Statement:
    """What files said last of somebody's consent.

    Attributes:
        sequence: How many times it was stated.
    """

    id: str
    sequence: int
    said: ConsentStatement


@dataclass(kw_only=True)
class KnownRow:
    """What is kept of a row: whom it made or is about, and no word of it.

    Attributes:
        id: The row's key.
        statement: What its files said last of the consent; None before any did.
        tasked: Contents for which a safeguarding task was opened.
        twins: As of ``Row``; None where it was kept before they were.
        import_id, row, kind, content: Of the file that had it last; none before it is saved.
    """

    id: str
    survivor_id: str | None = None
    episode_id: str | None = None
    statement: Statement | None = None
    tasked: tuple[str, ...] = ()
    twins: tuple[str, ...] | None = ()
    import_id: str = ""
    row: int = 0
    kind: str = ""
    content: str = ""
    version: int = 0


def question_about(episode: Episode, facts: EpisodeFacts) -> Problem | None:
    """What only a person can answer before a known reference takes these facts."""
    facts = _as_far_as_known(facts)
    if facts.referral_date not in (None, episode.referral_date):
        return OTHER_REFERRAL
    other_gender = facts.gender not in (None, episode.gender)
    other_nationality = facts.nationality not in (None, episode.nationality)
    return OTHER_PERSON if other_gender and other_nationality else None


def told_again(taken: Episode) -> Episode:
    """State that support which an undone import had ended goes on, and what statistics may learn of it."""
    goes_on = EpisodeStatusChanged(episode_id=taken.id, survivor_id=taken.survivor_id, status=taken.status)
    return replace(taken, events=(goes_on, taken.statistics_facts()))


def corrected(episode: Episode, facts: EpisodeFacts, verdict: Verdict, *, recorded_at: datetime) -> Episode:
    """Take what a row says and lift what an earlier file doubted; the same episode where nothing changes.

    An answer that could not be read may have been a no: only an answer lifts that doubt, never an empty cell.
    """
    said = _filled(_as_far_as_known(facts), episode)
    taken = episode.corrected(episode_of(episode.id, episode.survivor_id, said, recorded_at=recorded_at))
    if verdict.doubt is None and taken.left_out:
        answers = verdict.consent is not None and verdict.consent.stated != NOT_STATED
        lifted = taken.cleared(recorded_at=recorded_at, but=() if answers else (CONSENT_UNREADABLE,))
        if lifted.left_out != taken.left_out:
            taken = replace(lifted, events=lifted.events or taken.events)
    return episode if replace(taken, events=()) == replace(episode, events=()) else taken


def _as_far_as_known(facts: EpisodeFacts) -> EpisodeFacts:
    """Take "not known" for what it is to a known person: nothing said. What they declined to say is an answer."""
    types = facts.exploitation_types
    return replace(
        facts,
        gender=None if facts.gender in _NOTHING_KNOWN else facts.gender,
        nation=None if facts.nation in _NOTHING_KNOWN else facts.nation,
        nationality=facts.nationality or None,
        region=facts.region if facts.nationality else None,
        exploitation_types=None if types is not None and set(types) <= _NOTHING_KNOWN else types,
    )


def _filled(facts: EpisodeFacts, episode: Episode) -> EpisodeFacts:
    """Leave what an empty cell does not say as it is recorded."""
    names = ("referral_date", "gender", "nationality", "region", "exploitation_types", "nation", "advocacy_area")
    return replace(facts, **{name: getattr(episode, name) for name in names if getattr(facts, name) is None})


def episode_of(episode_id: str, survivor_id: str, facts: EpisodeFacts, *, recorded_at: datetime) -> Episode:
    """Make the episode that whole facts tell of."""
    if facts.referral_date is None or facts.gender is None or facts.nationality is None or facts.region is None:
        raise TypeError("an episode's facts are whole")
    if facts.exploitation_types is None or facts.nation is None:
        raise TypeError("an episode's facts are whole")
    return Episode(
        id=episode_id,
        survivor_id=survivor_id,
        status=ACTIVE,
        referral_date=facts.referral_date,
        age_band=facts.age_band,
        gender=facts.gender,
        nationality=facts.nationality,
        region=facts.region,
        exploitation_types=facts.exploitation_types,
        nation=facts.nation,
        advocacy_area=facts.advocacy_area,
        advocate_id=None,
        facts_recorded_at=recorded_at,
    )


def merged(consent: ConsentStatement, earlier: Statement | None) -> ConsentStatement:
    """Give what is said, with what empty cells leave as an earlier file said it of the same answer."""
    if earlier is None or earlier.said.stated != consent.stated:
        return consent
    empty = [one.name for one in fields(consent) if getattr(consent, one.name) is None]
    return replace(consent, **{name: getattr(earlier.said, name) for name in empty})


def is_news(consent: ConsentStatement, earlier: Statement | None) -> bool:
    """Whether a statement says anything that an earlier one did not; an empty cell never does."""
    if earlier is None:
        return True
    return consent.stated != NOT_STATED and merged(consent, earlier) != earlier.said
