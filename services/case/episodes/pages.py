"""The pages of support's states: who waits, where somebody's support stands, its next step, its end.

Promise: the same rights, commands and audited reads as the API's; what somebody else changed meanwhile is not written
over. Shown by tests/integration/pages/test_state_pages.py.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, render_template, request

from services.case.episodes.commands import CloseEpisode, MoveEpisode, close_episode, move_episode
from services.case.episodes.errors import EpisodeClosedError, RecordedInErrorError
from services.case.episodes.states import CLOSED, STEPS, ReasonWantedError, TierWantedError, WrongStepError
from services.case.episodes.words import change_in_words, reasons_from, state_words, steps_from
from services.case.support.admission import CASEWORK, PATH, Admission
from services.case.survivors.sealing import Sealer
from shared.codelists.lists import get
from shared.kernel.tenancy import Principal
from shared.outbox.commands import Answer
from shared.outbox.unit_of_work import StaleVersionError, UnitOfWork
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.listing import MOST, PageRequest
from shared.web.pages.answers import ask_again
from shared.web.pages.site import Link, PageSet, Part, go_to

WAITING = "/waiting"
_ONE = f"{PATH}/<uuid:survivor_id>/episodes/<uuid:episode_id>"
_LONGEST_VERSION = 9


class StatePages:
    """What the forms do, as the API does it."""

    def __init__(self, context: ServiceContext, web: Gateway) -> None:
        """Take case's context and the way to its committer."""
        self._context = context
        self._web = web
        self._admission = Admission(context, web)

    def waiting(self) -> str:
        """Show whose support has not begun, the oldest referral first."""
        self._web.require("SUPERVISOR")

        def load() -> tuple[list[dict[str, Any]], dict[str, str]]:
            rows = self._admission.episodes.waiting(MOST)
            named = self._admission.survivors.named({row["survivor_id"] for row in rows})
            return rows, {one["id"]: one["name"] or one["reference"] or "" for one in named}

        rows, names = self._web.read("case:episode:list", "list", load)
        return render_template(
            "case/waiting.html",
            rows=[{**row, "words": state_words(row["status"])} for row in rows],
            names=names,
            most=MOST if len(rows) == MOST else None,
        )

    def show(self, survivor_id: Any, episode_id: Any) -> str:
        """Show where support stands, and what may follow."""
        who, key = self._admission.about(survivor_id, "case:episode:read")
        return self._page(key, self._episode(who, key, episode_id), {})

    def move(self, survivor_id: Any, episode_id: Any) -> Any:
        """Take the next step."""
        who, key = self._admission.about(survivor_id, MoveEpisode.action)
        row = self._episode(who, key, episode_id)
        after, tier = request.form.get("after", "")[:40], request.form.get("tier", "")[:40] or None
        if after not in STEPS.get(row["status"], ()) or after == CLOSED:
            return self._refused(key, row, {"after": "Choose the next step."})
        if tier is not None and tier not in get("advocacy_tier").codes:
            return self._refused(key, row, {"tier": "Choose a tier of the list."})
        reason = request.form.get("reason", "")[:40] or None
        command = MoveEpisode(after=after, reason=reason, tier=tier, **self._about(who, key, row))
        return self._tried(who, key, row, lambda work, sealer: move_episode(command, work, sealer=sealer), command)

    def close(self, survivor_id: Any, episode_id: Any) -> Any:
        """End support."""
        who, key = self._admission.about(survivor_id, CloseEpisode.action)
        row, reason = self._episode(who, key, episode_id), request.form.get("closure", "")[:60]
        if reason not in get("closure_reason").codes:
            return self._refused(key, row, {"closure": "Choose why support ends."})
        command = CloseEpisode(reason=reason, **self._about(who, key, row))
        return self._tried(who, key, row, lambda work, sealer: close_episode(command, work, sealer=sealer), command)

    def _tried(
        self,
        who: Principal,
        key: str,
        row: dict[str, Any],
        by: Callable[[UnitOfWork, Sealer], Answer],
        command: MoveEpisode | CloseEpisode,
    ) -> Any:
        sealer = Sealer.of_known(self._context, [key])
        try:
            self._admission.carry_out(who, key, command, lambda work: by(work, sealer))
        except ReasonWantedError:
            return self._refused(key, row, {"reason": "Choose a reason of this step, or none where it needs none."})
        except TierWantedError:
            return self._refused(key, row, {"tier": "Say the tier when you triage, and only then."})
        except (WrongStepError, RecordedInErrorError, EpisodeClosedError) as error:
            return self._refused(key, row, {"after": str(error)})
        except StaleVersionError:
            changed = "Somebody changed this meanwhile. Nothing was written. Look again, then choose."
            return self._refused(key, self._episode(who, key, row["id"]), {"after": changed})
        return go_to(f"{PATH}/{key}/episodes/{row['id']}?done=moved")

    def _episode(self, who: Principal, key: str, episode_id: Any) -> dict[str, Any]:
        """Give an episode that they may see; another one's is not there."""
        rows = [row for row in self._admission.episodes_of(who, key) if row["id"] == str(episode_id)]
        if not rows:
            abort(404)
        return rows[0]

    def _refused(self, key: str, row: dict[str, Any], wrong: dict[str, str]) -> Response:
        shown = self._page(key, row, wrong)
        return ask_again(shown)

    def _page(self, key: str, row: dict[str, Any], wrong: dict[str, str]) -> str:
        wanted = PageRequest(limit=MOST)
        history = self._web.read(
            "case:episode:read", row["id"], lambda: self._admission.episodes.states(row["id"], wanted)
        )
        source = row["referral_source"]
        return render_template(
            "case/episode.html",
            episode=row,
            words=state_words(row["status"]),
            source=get("referral_source").label(source) if source is not None else None,
            tier=get("advocacy_tier").label(row["tier"]) if row["tier"] is not None else None,
            base=f"{PATH}/{key}",
            target=f"{PATH}/{key}/episodes/{row['id']}",
            history=[change_in_words(one) for one in history.items[::-1]],
            steps=steps_from(row["status"]),
            reasons=reasons_from(row["status"]),
            tiers=[(code, get("advocacy_tier").label(code)) for code in get("advocacy_tier").codes],
            closable=CLOSED in STEPS.get(row["status"], ()),
            closures=[(code, get("closure_reason").label(code)) for code in get("closure_reason").codes],
            wrong=wrong,
            done=request.args.get("done") == "moved",
        )

    @staticmethod
    def _about(who: Principal, key: str, row: dict[str, Any]) -> dict[str, Any]:
        text = request.form.get("version", "")
        is_version = text.isascii() and text.isdecimal() and len(text) <= _LONGEST_VERSION
        return {
            "episode_id": row["id"],
            "survivor_id": key,
            "version": int(text) if is_version else -1,
            "actor_id": who.actor_id,
            "role": who.role,
        }


def pages(context: ServiceContext, web: Gateway) -> PageSet:
    """Build the pages."""
    states = StatePages(context, web)
    blueprint = Blueprint("states", __name__, template_folder=str(Path(__file__).parent / "templates"))
    blueprint.get(WAITING)(states.waiting)
    blueprint.get(_ONE)(states.show)
    blueprint.post(f"{_ONE}/move")(states.move)
    blueprint.post(f"{_ONE}/close")(states.close)
    does = "Whose support has not begun, the oldest referral first."
    return PageSet(
        blueprint=blueprint,
        prefixes=(WAITING,),
        roles=CASEWORK,
        home=PATH,
        begins=(),
        links=(
            Link(
                path=WAITING, words="Waiting", part=Part.PEOPLE, daily=("SUPERVISOR",), roles=("SUPERVISOR",), does=does
            ),
        ),
    )
