"""One function for each command; each runs in one transaction."""

from services.case.commands import CloseEpisode, ExcludeEpisode, OpenEpisode, RegisterSurvivor, StartImport
from services.case.domain import ACTIVE, Episode
from services.case.errors import ReferralInFutureError
from services.case.store import IMPORTS, REFUSED, SURVIVORS, WAITING, EpisodeStore, Sealer
from shared.codelists import nationality
from shared.codelists.periods import LONDON
from shared.outbox.committer import Answer
from shared.outbox.unit_of_work import StaleVersionError, UnitOfWork


def register_survivor(command: RegisterSurvivor, *, work: UnitOfWork, sealer: Sealer) -> Answer:
    """Keep a survivor, sealed."""
    values = {"reference": command.reference, "name": command.name, "safe_contact": command.safe_contact}
    work.insert(
        SURVIVORS,
        {"_id": command.survivor_id, "sealed": sealer.seal(command.survivor_id, values), "updated_at": work.now},
    )
    return Answer(status=201, ids={"id": command.survivor_id, "version": 1})


def open_episode(command: OpenEpisode, *, work: UnitOfWork, sealer: Sealer) -> Answer:
    """Open a support episode and state its facts.

    Raises:
        DocumentMissingError: There is no such survivor.
        UnderEighteenError, UnknownCodeError, ReferralInFutureError: Nothing is opened.
    """
    if command.referral_date > work.now.astimezone(LONDON).date():
        raise ReferralInFutureError
    work.get(SURVIVORS, command.survivor_id)
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
    version = store.save(episode.closed(command.reason))
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
