"""Carries out one row of an import inside its transaction: what protects a person first, then everything else.

Promise: a no, a withdrawal and a possible child of a known reference take effect in the row's own transaction whatever
becomes of the row; of whoever is restricted nothing else is taken; what no cell says stays; nobody is made twice.
Shown by ``tests/integration/case/test_import_noes.py`` and ``tests/integration/case/test_import_identity.py``.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from services.case.episodes.documents import EpisodeStore
from services.case.episodes.rules import POSSIBLE_CHILD, STAYS, TWIN_SAYS_NO, Episode
from services.case.imports.children import open_child_task
from services.case.imports.documents import RowStore
from services.case.imports.rules.said import CONSENT_UNREADABLE, ConsentStatement, EpisodeFacts, Problem
from services.case.imports.rules.settling import (
    ANSWER_UNREAD,
    CHANGED_SINCE,
    OTHER_REFERRAL,
    RESTRICTED,
    SINCE_THE_PLAN,
    STAYS_OUT,
    TWIN,
    TWIN_TELLS,
    UNDONE_ROW,
    UNMATCHED,
    KnownRow,
    Outcome,
    Row,
    Statement,
    corrected,
    episode_of,
    is_news,
    merged,
    question_about,
    told_again,
)
from services.case.survivors.documents import SurvivorStore
from services.case.survivors.rules import Survivor
from services.case.survivors.sealing import Sealer
from shared.codelists.consent_words import GIVEN
from shared.contracts.case import ImportConsentStated
from shared.kernel.messages import AuditIntent
from shared.outbox.unit_of_work import UnitOfWork

PURPOSE = "AGGREGATE_STATISTICS"
_TAKEN = frozenset({"ACCEPTED", "CHANGED", "UNCHANGED"})


@dataclass(kw_only=True)
class Settlement:
    """Settles the rows of one transaction.

    Attributes:
        twin_of: Gives the stored rows, known before or made in this transaction, that share one of a row's HMACs.
        made: Keys of the rows that this transaction made, by each of their HMACs.
        correcting: Whether the upload said that known rows are corrections.
        restricted: Survivors the use of whose record is restricted.
    """

    work: UnitOfWork
    sealer: Sealer
    import_id: str
    actor_id: str
    correcting: bool
    restricted: frozenset[str]
    twin_of: Callable[[Row], list[KnownRow]]
    made: dict[str, list[str]] = field(default_factory=dict)

    def settle(self, row: Row) -> Outcome:
        """Carry out one row."""
        verdict, rows = row.verdict, RowStore(self.work)
        stored = rows.find(row.key)
        if verdict.kind == "DUPLICATE":
            return Outcome(kind="DUPLICATE")
        known = stored or KnownRow(id=row.key)
        if stored is not None and stored.kind == "ACCEPTED" and stored.content == row.content:
            if stored.twins is None:
                rows.save(replace(known, twins=row.twins))
            return Outcome(kind="UNCHANGED", problems=self._still_out(known))
        if known.survivor_id in self.restricted:
            return self._heard(row, "restricted", kind="QUARANTINED", but=(RESTRICTED,))
        said = known.statement
        ended, urgent = self._protect(row, known)
        kind, problems = self._take(row, known)
        if kind in _TAKEN:
            ended |= self._state(row, known, verdict.consent)
        if kind == "UNCHANGED" and known.statement != said:
            kind = "CHANGED"
        known.import_id, known.row, known.content = self.import_id, verdict.row, row.content
        known.kind = "ACCEPTED" if kind in _TAKEN else kind
        known.twins = known.twins or ()
        rows.save(known)
        self.work.audit(self._intent(f"case:import_row:{kind.lower()}", known.episode_id or row.key[:32]))
        return Outcome(kind=kind, problems=(*urgent, *problems), ended=ended)

    def protect_alone(self, row: Row) -> Outcome:
        """Take nothing of a row whose person changed since the plan, but its no, its child and its doubt."""
        if row.verdict.kind == "DUPLICATE":
            return Outcome(kind="DUPLICATE")
        return self._heard(row, "changed_since_plan", kind=CHANGED_SINCE, but=(SINCE_THE_PLAN,))

    def hear(self, row: Row) -> Outcome:
        """Take nothing of a row whose whole file is refused, but its no, its child and its doubt."""
        return self._heard(row, "file_refused")

    def open_child_task(self, row: Row) -> Outcome:
        """Open a possible child's urgent task, where no row that says the same has; nobody's record changes."""
        known = RowStore(self.work).find(row.key)
        if known is None or row.content not in known.tasked:
            open_child_task(self.work, row, import_id=self.import_id)
        return Outcome(kind=row.verdict.kind)

    def _heard(self, row: Row, why: str, *, kind: str | None = None, but: tuple[Problem, ...] = ()) -> Outcome:
        rows = RowStore(self.work)
        known = rows.find(row.key) or KnownRow(id=row.key)
        ended, urgent = self._protect(row, known)
        if known.kind:
            rows.save(known)
        self.work.audit(self._intent(f"case:import_row:{why}", known.episode_id or row.key[:32]))
        return Outcome(kind=kind or row.verdict.kind, problems=(*urgent, *but), ended=ended)

    def _protect(self, row: Row, known: KnownRow) -> tuple[bool, tuple[Problem, ...]]:
        """Let a no, a child and a doubt take effect before anything else of the row is looked at."""
        verdict = row.verdict
        child = verdict.kind == "POSSIBLE_CHILD"
        if child and row.content not in known.tasked:
            open_child_task(self.work, row, import_id=self.import_id)
            known.tasked = (*known.tasked, row.content)
        if known.survivor_id:
            cause = POSSIBLE_CHILD if child else verdict.doubt
            if cause is not None and known.episode_id:
                self._take_out(known.episode_id, cause)
            return self._state(row, known, verdict.no), ()
        if verdict.no is None and not child:
            return False, ()
        twins = self.twin_of(row)
        for twin in twins:
            if twin.episode_id:
                self._take_out(twin.episode_id, POSSIBLE_CHILD if child else TWIN_SAYS_NO)
        if twins:
            return False, (TWIN_TELLS,)
        # A whole row of somebody new who says no is no puzzle: they are made, with their no.
        unmatched = verdict.no is not None and verdict.kind != "ACCEPTED"
        return False, (UNMATCHED,) if unmatched else ()

    def _take(self, row: Row, known: KnownRow) -> tuple[str, tuple[Problem, ...]]:  # noqa: PLR0911  Each ends here.
        """Take the row's facts, if nothing stands in the way; give what became of it."""
        verdict, facts = row.verdict, row.verdict.facts
        if facts is None:
            return verdict.kind, verdict.problems
        if not known.episode_id:
            if verdict.kind != "ACCEPTED":
                return verdict.kind, verdict.problems
            if verdict.is_later:
                return "QUARANTINED", (OTHER_REFERRAL,)
            if self.twin_of(row):
                return "QUARANTINED", (TWIN,)
            self._make(row, known, facts)
            return "ACCEPTED", ()
        store = EpisodeStore(self.work, self.sealer)
        episode = store.get(known.episode_id)
        if known.kind == UNDONE_ROW:
            # The same person as before: whatever they said meanwhile still stands in their ledger.
            if verdict.kind != "ACCEPTED" or verdict.is_later:
                return "QUARANTINED", (OTHER_REFERRAL,) if verdict.is_later else verdict.problems
            return self._make_again(row, known, episode, facts)
        question = None if self.correcting and not verdict.is_later else question_about(episode, facts)
        if question is not None:
            return "QUARANTINED", (question,)
        taken = corrected(episode, facts, verdict, recorded_at=self.work.now)
        if taken is not episode:
            store.save(taken)
        news = verdict.consent is not None and is_news(verdict.consent, known.statement)
        return ("CHANGED" if taken is not episode or news else "UNCHANGED"), self._still_out(known)

    def _make(self, row: Row, known: KnownRow, facts: EpisodeFacts) -> None:
        known.survivor_id, known.episode_id, known.twins = row.survivor_id, row.episode_id, row.twins
        survivor = Survivor(
            id=row.survivor_id,
            reference=row.verdict.reference,
            name=None,
            safe_contact=None,
            advocate_ids=None,
            updated_at=self.work.now,
        )
        SurvivorStore(self.work).add(survivor, self.sealer)
        episode = episode_of(row.episode_id, row.survivor_id, facts, recorded_at=self.work.now)
        if row.verdict.doubt is not None:
            episode = replace(episode, left_out=(row.verdict.doubt,))
        EpisodeStore(self.work, self.sealer).add(episode.opened())
        for form in row.twins:
            self.made.setdefault(form, []).append(row.key)

    def _make_again(
        self, row: Row, known: KnownRow, episode: Episode, facts: EpisodeFacts
    ) -> tuple[str, tuple[Problem, ...]]:
        """Take up again somebody whom an import made that was undone."""
        at, doubt = self.work.now, row.verdict.doubt
        taken = corrected(episode.taken_up_again(recorded_at=at), facts, row.verdict, recorded_at=at)
        if doubt is not None:
            taken = taken.doubted(doubt, recorded_at=at)
        EpisodeStore(self.work, self.sealer).save(told_again(taken))
        known.twins = row.twins
        return "ACCEPTED", self._still_out(known)

    def _still_out(self, known: KnownRow) -> tuple[Problem, ...]:
        if not known.episode_id:
            return ()
        left_out = EpisodeStore(self.work, self.sealer).left_out_by_imports(known.episode_id)
        stays = (STAYS_OUT,) if left_out & STAYS else ()
        return (*stays, ANSWER_UNREAD) if CONSENT_UNREADABLE in left_out else stays

    def _take_out(self, episode_id: str, cause: str) -> None:
        """Count an episode no longer; a caseworker may lift it, and for most causes a later file."""
        store = EpisodeStore(self.work, self.sealer)
        # Of somebody erased nothing is counted anywhere.
        episode = store.find(episode_id)
        if episode is not None and cause not in episode.left_out:
            store.save(episode.doubted(cause, recorded_at=self.work.now))

    def _state(self, row: Row, known: KnownRow, consent: ConsentStatement | None) -> bool:
        """State what the row says of the consent, if it is news; give whether it ended an earlier yes."""
        earlier = known.statement
        if consent is None or not known.survivor_id or not is_news(consent, earlier):
            return False
        said = merged(consent, earlier)
        known.statement = Statement(
            id=earlier.id if earlier is not None else row.episode_id,
            sequence=earlier.sequence + 1 if earlier is not None else 1,
            said=said,
        )
        self.work.record(
            ImportConsentStated(
                statement_id=known.statement.id,
                survivor_id=known.survivor_id,
                import_id=self.import_id,
                purpose=PURPOSE,
                stated_recorded_at=self.work.now,
                **said.by_name(),
            ),
            sequence=known.statement.sequence,
        )
        return earlier is not None and earlier.said.stated == GIVEN and said.stated != GIVEN

    def _intent(self, action: str, object_id: str) -> AuditIntent:
        at = self.work.now
        return AuditIntent(
            action=action, actor_id=self.actor_id, role="IMPORT", object_id=object_id, outcome="ALLOWED", at=at
        )
