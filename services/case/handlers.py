"""One function for each command; each runs in one transaction."""

from services.case.commands import (
    AssignAdvocates,
    CloseEpisode,
    ExcludeEpisode,
    OpenEpisode,
    RegisterSurvivor,
    StartImport,
)
from services.case.domain import ACTIVE, Episode
from services.case.errors import ReferralInFutureError
from services.case.staff import check_advocates
from services.case.store import IMPORTS, REFUSED, WAITING, EpisodeStore, Sealer, SurvivorStore
from shared.codelists import nationality
from shared.codelists.periods import LONDON
from shared.outbox.committer import Answer
from shared.outbox.unit_of_work import StaleVersionError, UnitOfWork


def register_survivor(command: RegisterSurvivor, *, work: UnitOfWork, sealer: Sealer) -> Answer:
    """Keep a survivor, sealed, and state who may act on them.

    Raises:
        NotAnAdvocateError: Somebody named is no active advocate here; nobody is registered.
    """
    values = {"reference": command.reference, "name": command.name, "safe_contact": command.safe_contact}
    check_advocates(work, command.advocate_ids)
    sealed = sealer.seal(command.survivor_id, values)
    SurvivorStore(work).add(command.survivor_id, sealed, command.advocate_ids)
    return Answer(status=201, ids={"id": command.survivor_id, "version": 1})


def assign_advocates(command: AssignAdvocates, *, work: UnitOfWork) -> Answer:
    """Say who may act on a survivor from now on; who is left out finds nothing there any more.

    Raises:
        DocumentMissingError: There is no such survivor.
        NotAnAdvocateError: Somebody named is no active advocate here; nothing changes.
    """
    survivors = SurvivorStore(work)
    known = survivors.advocates_of(command.survivor_id)
    check_advocates(work, frozenset(command.advocate_ids) - known)
    version = survivors.assign(command.survivor_id, command.advocate_ids)
    return Answer(status=200, ids={"id": command.survivor_id, "version": version})


def open_episode(command: OpenEpisode, *, work: UnitOfWork, sealer: Sealer) -> Answer:
    """Open a support episode and state its facts; its advocate may act on the survivor from now on.

    Raises:
        DocumentMissingError: There is no such survivor.
        NotAnAdvocateError: The advocate named is no active advocate here; nothing is opened.
        UnderEighteenError, UnknownCodeError, ReferralInFutureError: Nothing is opened.
    """
    if command.referral_date > work.now.astimezone(LONDON).date():
        raise ReferralInFutureError
    survivors = SurvivorStore(work)
    known = survivors.advocates_of(command.survivor_id)
    named = frozenset({command.advocate_id} if command.advocate_id is not None else ())
    check_advocates(work, named)
    if named <= known:
        survivors.take_turn(command.survivor_id)
    else:
        survivors.assign(command.survivor_id, known | named)
    codes = nationality.parse(command.nationality).iso_codes
    episode = Episode(
        id=command.episode_id,
        survivor_id=command.survivor_id,
        status=ACTIVE,
        referral_date=command.referral_date,
        age_band=command.age_band,
        gender=command.gender,
        nationality=codes,
        region=nationality.region_level_1(codes),
        exploitation_types=tuple(sorted(set(command.exploitation_types))),
        nation=command.nation,
        advocacy_area=command.advocacy_area,
        advocate_id=command.advocate_id,
        transfer_in=command.transfer_in,
        excluded=command.excluded,
        facts_recorded_at=work.now,
    )
    EpisodeStore(work, sealer).add(episode.opened())
    return Answer(status=201, ids={"id": command.episode_id, "version": 1})


def close_episode(command: CloseEpisode, *, work: UnitOfWork, sealer: Sealer) -> Answer:
    """End support.

    Raises:
        StaleVersionError: Somebody changed the episode since the caller read it.
        EpisodeClosedError: It has ended already.
    """
    store = EpisodeStore(work, sealer)
    episode = _at_version(store, command.episode_id, command.version)
    # Somebody may be adding an entry at this moment: one of the two comes after the other.
    SurvivorStore(work).take_turn(episode.survivor_id)
    version = store.save(episode.closed(command.reason, at=work.now))
    return Answer(status=200, ids={"id": command.episode_id, "version": version})


def exclude_episode(command: ExcludeEpisode, *, work: UnitOfWork, sealer: Sealer) -> Answer:
    """Set or lift the caseworker's safety flag."""
    store = EpisodeStore(work, sealer)
    episode = _at_version(store, command.episode_id, command.version)
    version = store.save(episode.flagged(excluded=command.excluded, recorded_at=work.now))
    return Answer(status=200, ids={"id": command.episode_id, "version": version})


def start_import(command: StartImport, *, work: UnitOfWork) -> Answer:
    """Let an uploaded file wait for the import job; one that could not be read has ended already."""
    work.insert(
        IMPORTS,
        {
            "_id": command.import_id,
            "state": WAITING if command.refused is None else REFUSED,
            "why": command.refused,
            "known_rows": command.known_rows,
            "exact_references": command.exact_references,
            "profile": command.profile,
            "source": command.source,
            "actor_id": command.actor_id,
            "received_at": work.now,
            "done": 0,
            "counts": {},
            "problems": [],
            "problems_omitted": 0,
            "held_rows": [],
            "dropped_columns": [],
            "traceparent": command.caused_by,
        },
    )
    return Answer(status=202, ids={"id": command.import_id})


def _at_version(store: EpisodeStore, episode_id: str, version: int) -> Episode:
    episode = store.get(episode_id)
    if episode.version != version:
        raise StaleVersionError("episodes")
    return episode
