"""Carries out one row of an import inside its transaction: what protects a person first, then everything else.

Promise: a no, a withdrawal and a possible child of a known reference take effect in the row's own transaction whatever
becomes of the row; what an empty cell or a missing column does not say stays as it is recorded; nobody is made a
second time under a reference that only looks different. Shown by ``tests/integration/case/test_import_noes.py`` and
``test_import_identity.py``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from services.case.domain import ACTIVE, POSSIBLE_CHILD, TWIN_SAYS_NO, Episode
from services.case.imports.cells import ConsentStatement, EpisodeFacts, Problem
from services.case.imports.verdicts import Verdict
from services.case.store import EPISODES, ROWS, SURVIVORS, TASKS, EpisodeStore, Sealer
from shared.codelists.consent_words import GIVEN, NOT_STATED
from shared.contracts.case import ImportConsentStated, SafeguardingTaskOpened
from shared.kernel.messages import AuditIntent
from shared.outbox.unit_of_work import UnitOfWork

PURPOSE = "AGGREGATE_STATISTICS"
CHILD_TASK = "POSSIBLE_CHILD_REFUSED"

_TAKEN = frozenset({"ACCEPTED", "CHANGED", "UNCHANGED"})

_UNMATCHED = Problem(
    column="reference", code="no-unmatched", urgent=True,
    sentence="A row that says no could not be matched with anybody, so nobody was taken out of counting. "
    "Correct this row first.",
)  # fmt: skip
_TWIN = Problem(
    column="reference", code="likely-twin",
    sentence="Somebody is known under a reference much like this one: zeros, spaces, capitals or accents differ. "
    "Correct the reference if it is the same person; if not, upload with exact references.",
)  # fmt: skip
_TWIN_SAYS_NO = Problem(
    column="reference", code="likely-twin-says-no", urgent=True,
    sentence="A row that says no, or may be a child's, has a reference much like that of somebody else. "
    "That person is not counted now. Correct the reference; a caseworker who has looked counts the person again.",
)  # fmt: skip
_OTHER_REFERRAL = Problem(
    column="referral_date", code="another-referral",
    sentence="This reference is known with another day of referral. If the person came back, open a new episode for "
    "them; if the day was wrong, upload with known rows as corrections.",
)  # fmt: skip
_OTHER_PERSON = Problem(
    column="reference", code="another-person",
    sentence="This reference is known for somebody of another gender and nationality. Name the system that the file "
    "comes from; or, if the record was wrong, upload with known rows as corrections.",
)  # fmt: skip
_STAYS_OUT = Problem(
    column="age_at_referral", code="stays-left-out",
    sentence="An earlier file said that this person may be a child, or a reference like theirs said no. They are not "
    "counted until a caseworker has looked and counts them again.",
)  # fmt: skip


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


@dataclass(kw_only=True)
class Settlement:
    """Settles the rows of one transaction.

    Attributes:
        twin_of: Gives the stored rows, known before or made in this transaction, that share one of a row's HMACs.
        made: Keys of the rows that this transaction made, by each of their HMACs.
        correcting: Whether the upload said that known rows are corrections.
    """

    work: UnitOfWork
    sealer: Sealer
    import_id: str
    actor_id: str
    correcting: bool
    twin_of: Callable[[Row], list[dict[str, Any]]]
    made: dict[str, list[str]] = field(default_factory=dict)

    def settle(self, row: Row) -> Outcome:
        """Carry out one row."""
        verdict = row.verdict
        stored = self.work.find(ROWS, row.key)
        if verdict.kind == "DUPLICATE":
            return Outcome(kind="DUPLICATE")
        known = {**_unknown(row), **(stored or {})}
        if stored is not None and stored["kind"] == "ACCEPTED" and stored["content"] == row.content:
            if "twins" not in stored:
                self.work.save(ROWS, {**known, "twins": list(row.twins)})
            return Outcome(kind="UNCHANGED", problems=self._still_out(known))
        ended, urgent = self._protect(row, known)
        kind, problems = self._take(row, known)
        if kind in _TAKEN:
            ended |= self._state(row, known, verdict.consent)
        listed = (*urgent, *problems)
        saved = "ACCEPTED" if kind in _TAKEN else kind
        known |= {"import_id": self.import_id, "row": verdict.row, "kind": saved, "content": row.content}
        self.work.save(ROWS, known)
        self.work.audit(self._intent(f"case:import_row:{kind.lower()}", known["episode_id"] or row.key[:32]))
        return Outcome(kind=kind, problems=listed, ended=ended)

    def _protect(self, row: Row, known: dict[str, Any]) -> tuple[bool, tuple[Problem, ...]]:
        """Let a no, a child and a doubt take effect before anything else of the row is looked at."""
        verdict = row.verdict
        child = verdict.kind == "POSSIBLE_CHILD"
        if child and row.content not in known["tasked"]:
            self._open_task(row)
            known["tasked"] = [*known["tasked"], row.content]
        if known["survivor_id"]:
            cause = POSSIBLE_CHILD if child else verdict.doubt
            if cause is not None and known["episode_id"]:
                self._take_out(known["episode_id"], cause)
            return self._state(row, known, verdict.no), ()
        if verdict.no is None and not child:
            return False, ()
        twins = self.twin_of(row)
        for twin in twins:
            if twin["episode_id"]:
                self._take_out(twin["episode_id"], POSSIBLE_CHILD if child else TWIN_SAYS_NO)
        if twins:
            return False, (_TWIN_SAYS_NO,)
        # A whole row of somebody new who says no is no puzzle: they are made, with their no.
        unmatched = verdict.no is not None and verdict.kind != "ACCEPTED"
        return False, (_UNMATCHED,) if unmatched else ()

    def _take(self, row: Row, known: dict[str, Any]) -> tuple[str, tuple[Problem, ...]]:  # noqa: PLR0911  Each ends here.
        """Take the row's facts, if nothing stands in the way; give what became of it."""
        verdict, facts = row.verdict, row.verdict.facts
        if facts is None:
            return verdict.kind, verdict.problems
        if not known["episode_id"]:
            if verdict.kind != "ACCEPTED":
                return verdict.kind, verdict.problems
            if verdict.is_later:
                return "QUARANTINED", (_OTHER_REFERRAL,)
            if self.twin_of(row):
                return "QUARANTINED", (_TWIN,)
            self._make(row, known, facts)
            return "ACCEPTED", ()
        episode = EpisodeStore(self.work, self.sealer).get(known["episode_id"])
        question = None if self.correcting and not verdict.is_later else _question(episode, facts)
        if question is not None:
            return "QUARANTINED", (question,)
        changed = self._correct(episode, facts, doubt=verdict.doubt)
        news = verdict.consent is not None and _is_news(verdict.consent, known["statement"])
        return ("CHANGED" if changed or news else "UNCHANGED"), self._still_out(known)

    def _make(self, row: Row, known: dict[str, Any], facts: EpisodeFacts) -> None:
        store = EpisodeStore(self.work, self.sealer)
        known |= {"survivor_id": row.survivor_id, "episode_id": row.episode_id, "twins": list(row.twins)}
        values = {"reference": row.verdict.reference, "name": None, "safe_contact": None}
        sealed = self.sealer.seal(row.survivor_id, values)
        self.work.insert(SURVIVORS, {"_id": row.survivor_id, "sealed": sealed, "updated_at": self.work.now})
        episode = _episode(row.episode_id, row.survivor_id, facts, self.work)
        if row.verdict.doubt is not None:
            episode = replace(episode, left_out=(row.verdict.doubt,))
        store.add(episode.opened())
        for form in row.twins:
            self.made.setdefault(form, []).append(row.key)

    def _correct(self, episode: Episode, facts: EpisodeFacts, *, doubt: str | None) -> bool:
        """Take what the row says and lift what an earlier file doubted; give whether anything changed."""
        said = _filled(facts, episode)
        corrected = episode.corrected(_episode(episode.id, episode.survivor_id, said, self.work))
        if doubt is None and corrected.left_out:
            lifted = corrected.cleared(recorded_at=self.work.now)
            if lifted.left_out != corrected.left_out:
                corrected = replace(lifted, events=lifted.events or corrected.events)
        if replace(corrected, events=()) == replace(episode, events=()):
            return False
        EpisodeStore(self.work, self.sealer).save(corrected)
        return True

    def _still_out(self, known: Mapping[str, Any]) -> tuple[Problem, ...]:
        document = self.work.find(EPISODES, known["episode_id"]) if known["episode_id"] else None
        waits = document is not None and not document["excluded"] and document.get("left_out")
        return (_STAYS_OUT,) if waits and set(waits) & {POSSIBLE_CHILD, TWIN_SAYS_NO} else ()

    def _take_out(self, episode_id: str, cause: str) -> None:
        """Count an episode no longer; a caseworker may lift it, and for most causes a later file."""
        document = self.work.find(EPISODES, episode_id)
        if document is None or document["survivor_id"] not in self.sealer.keys:
            return  # Erased: nothing of them is counted anywhere.
        store = EpisodeStore(self.work, self.sealer)
        episode = store.get(episode_id)
        if cause not in episode.left_out:
            store.save(episode.doubted(cause, recorded_at=self.work.now))

    def _state(self, row: Row, known: dict[str, Any], consent: ConsentStatement | None) -> bool:
        """State what the row says of the consent, if it is news; give whether it ended an earlier yes."""
        earlier = known["statement"]
        if consent is None or not known["survivor_id"] or not _is_news(consent, earlier):
            return False
        said = _merged(consent, earlier)
        statement: dict[str, Any] = {
            "id": earlier["id"] if earlier is not None else row.episode_id,
            "sequence": earlier["sequence"] + 1 if earlier is not None else 1,
            "said": said,
        }
        self.work.record(
            ImportConsentStated(
                statement_id=statement["id"],
                survivor_id=known["survivor_id"],
                import_id=self.import_id,
                purpose=PURPOSE,
                stated_recorded_at=self.work.now,
                **said,
            ),
            sequence=statement["sequence"],
        )
        known["statement"] = statement
        return earlier is not None and earlier["said"]["stated"] == GIVEN and said["stated"] != GIVEN

    def _open_task(self, row: Row) -> None:
        """Open an urgent task for the safeguarding lead; nothing is sent to anybody."""
        task_id = row.episode_id
        nation = row.verdict.nation or "NOT_KNOWN"
        times = {"opened_at": self.work.now, "updated_at": self.work.now}
        task = {"_id": task_id, "kind": CHILD_TASK, "state": "OPEN", "urgent": True, "nation": nation, **times}
        self.work.insert(TASKS, {**task, "import_id": self.import_id, "row": row.verdict.row})
        self.work.record(SafeguardingTaskOpened(task_id=task_id, kind=CHILD_TASK, nation=nation), sequence=1)

    def _intent(self, action: str, object_id: str) -> AuditIntent:
        at = self.work.now
        return AuditIntent(
            action=action, actor_id=self.actor_id, role="IMPORT", object_id=object_id, outcome="ALLOWED", at=at
        )


def _unknown(row: Row) -> dict[str, Any]:
    return {
        "_id": row.key, "survivor_id": None, "episode_id": None, "statement": None, "tasked": [],
        "twins": [],
    }  # fmt: skip


def _question(episode: Episode, facts: EpisodeFacts) -> Problem | None:
    """What only a person can answer before a known reference takes these facts."""
    if facts.referral_date not in (None, episode.referral_date):
        return _OTHER_REFERRAL
    other_gender = facts.gender not in (None, episode.gender)
    other_nationality = facts.nationality not in (None, episode.nationality)
    return _OTHER_PERSON if other_gender and other_nationality else None


def _filled(facts: EpisodeFacts, episode: Episode) -> EpisodeFacts:
    """Leave what an empty cell does not say as it is recorded."""
    names = ("referral_date", "gender", "nationality", "region", "exploitation_types", "nation", "advocacy_area")
    return replace(facts, **{name: getattr(episode, name) for name in names if getattr(facts, name) is None})


def _episode(episode_id: str, survivor_id: str, facts: EpisodeFacts, work: UnitOfWork) -> Episode:
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
        facts_recorded_at=work.now,
    )


def _merged(consent: ConsentStatement, earlier: Mapping[str, Any] | None) -> dict[str, Any]:
    """Give what is said, with what empty cells leave as an earlier file said it of the same answer."""
    said: dict[str, Any] = {
        "stated": consent.stated,
        "said_at": consent.said_at,
        "wording_code": consent.wording_code,
        "language": consent.language,
        "method": consent.method,
        "setting_private": consent.setting_private,
    }
    if earlier is None or earlier["said"]["stated"] != consent.stated:
        return said
    return {name: earlier["said"].get(name) if value is None else value for name, value in said.items()}


def _is_news(consent: ConsentStatement, earlier: Mapping[str, Any] | None) -> bool:
    """Whether a statement says anything that an earlier one did not; an empty cell never does."""
    if earlier is None:
        return True
    return consent.stated != NOT_STATED and _merged(consent, earlier) != earlier["said"]
