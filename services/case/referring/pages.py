"""The page "Somebody new": a search, then whether it is one of these people, and only then the form of a referral.

Promise: without the sealed proof of a search that this person made in the last half hour, of everybody who is kept
here, no referral is opened; the rights, commands and audited reads are the API's. Shown by
tests/integration/pages/test_referral_pages.py.
"""

from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, render_template, request

from services.case.episodes.commands import OpenEpisode
from services.case.episodes.errors import ReferralInFutureError, UnderEighteenError
from services.case.episodes.states import ENDED
from services.case.episodes.words import state_words
from services.case.finding.errors import NothingToFindError, SearchedTooOftenError
from services.case.finding.keys import MarkKeys
from services.case.finding.views import SEARCHED, Finder, Found
from services.case.referring.commands import OpenReferral, open_referral
from services.case.referring.forms import TypedReferral, TypedSearch, sentence_for
from services.case.referring.proofs import PURPOSE, Proof, Proofs
from services.case.support.admission import CASEWORK, PATH, Admission
from services.case.survivors.commands import RegisterSurvivor
from services.case.survivors.errors import NotAnAdvocateError
from services.case.survivors.rules import advocates_at_registration
from services.case.survivors.sealing import Sealer
from shared.codelists.lists import get
from shared.codelists.periods import LONDON
from shared.kernel.tenancy import Principal
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages.site import Link, PageSet, Part, go_to

NEW = "/somebody-new"
_WAYS = {"NAME": "the name", "TELEPHONE": "the telephone number", "REFERENCE": "the reference"}
_LISTS = {
    "referral_source": "referral_source",
    "age_band": "age_band",
    "gender": "gender",
    "exploitation_types": "exploitation_type",
    "nation": "nation",
}
_AGAIN = "Search first. A search counts for half an hour, and only for whoever made it."


class ReferralPages:
    """What the three forms do, one after the other."""

    def __init__(self, context: ServiceContext, web: Gateway) -> None:
        """Take case's context and the way to its committer."""
        self._context = context
        self._web = web
        self._admission = Admission(context, web)
        self._finder = Finder(context)
        self._keys = MarkKeys(context)
        self._proofs = Proofs(context.tenant_key.subkey(PURPOSE), tenant=str(context.tenant_id))

    def ask(self) -> str:
        """Ask whom to look for."""
        self._web.require(*CASEWORK)
        return _search_page(TypedSearch(), {})

    def search(self) -> Any:
        """Look, and show whom it may be."""
        who, typed = self._web.require(*CASEWORK), TypedSearch.of(request.form)
        try:
            found = self._web.read(SEARCHED, "list", lambda: self._finder.search(who, **typed.said))
        except NothingToFindError as error:
            place = error.problems[0]["pointer"].strip("#/") or "name"
            return _refused(_search_page(typed, {place: str(error)}))
        except SearchedTooOftenError as error:
            return _refused(_search_page(typed, {"name": str(error)}), HTTPStatus.TOO_MANY_REQUESTS)
        return render_template(
            "case/is_it_one_of_these.html",
            people=[self._in_words(who, one) for one in found.items],
            more=found.more,
            complete=found.complete,
            proof=self._proof(who, typed, found),
        )

    def form(self) -> Any:
        """Show the form of a referral, to whoever searched."""
        who = self._web.require(*CASEWORK)
        proof = self._proofs.open(request.form.get("proof", ""), who)
        if proof is None:
            return _refused(_search_page(TypedSearch(), {"name": _AGAIN}))
        today = self._context.clock.now().astimezone(LONDON).date()
        return _referral_page(proof, request.form["proof"], TypedReferral.on_day(today), {})

    def open(self) -> Any:
        """Open the referral."""
        who = self._web.require(*CASEWORK)
        proof = self._proofs.open(request.form.get("proof", ""), who)
        if proof is None:
            return _refused(_search_page(TypedSearch(), {"name": _AGAIN}))
        typed = TypedReferral.of(request.form)
        read, wrong = typed.read(proof.survivor_id)
        if not wrong:
            wrong = self._opened(_command(who, proof, typed, read))
        if wrong:
            return _refused(_referral_page(proof, request.form["proof"], typed, wrong))
        return go_to(f"{PATH}/{proof.survivor_id}/episodes/{proof.episode_id}")

    def _opened(self, command: OpenReferral) -> dict[str, str]:
        """Carry it out; give what is to be mended."""
        sealer, marker = Sealer.of_new(self._context, command.object_id), self._keys.newest()
        try:
            self._web.carry_out(command, lambda work: open_referral(command, work, sealer=sealer, marker=marker))
        except UnderEighteenError as error:
            return {"age_band": str(error)}
        except ReferralInFutureError:
            return {"referral_date": sentence_for("referral_date")}
        except NotAnAdvocateError as error:
            return {"safe_contact": str(error)}
        return {}

    def _proof(self, who: Principal, typed: TypedSearch, found: Found) -> str | None:
        """Prove the search; one that did not look through everybody proves nothing."""
        return self._proofs.of_search(who, typed.said) if found.complete else None

    def _in_words(self, who: Principal, one: Mapping[str, Any]) -> dict[str, Any]:
        """Say how somebody matched and where their support stands; nothing that is kept of them."""
        rows = self._admission.episodes_of(who, one["survivor_id"])
        newest = rows[0] if rows else None
        return {
            "id": one["survivor_id"],
            "ways": [_WAYS[kind] for kind in one["matched"]],
            "state": state_words(newest["status"]) if newest is not None else None,
            "ended": newest is not None and newest["status"] in ENDED,
        }


def pages(context: ServiceContext, web: Gateway) -> PageSet:
    """Build the pages."""
    referrals = ReferralPages(context, web)
    blueprint = Blueprint("referrals", __name__, template_folder=str(Path(__file__).parent / "templates"))
    blueprint.get(NEW)(referrals.ask)
    blueprint.post(f"{NEW}/search")(referrals.search)
    blueprint.post(f"{NEW}/referral")(referrals.form)
    blueprint.post(f"{NEW}/open")(referrals.open)
    does = "Look whether they are known here, then open a referral."
    return PageSet(
        blueprint=blueprint,
        prefixes=(NEW,),
        roles=CASEWORK,
        home=NEW,
        begins=(),
        links=(Link(path=NEW, words="Somebody new", part=Part.PEOPLE, daily=("IMSA",), does=does, roles=CASEWORK),),
    )


def _command(who: Principal, proof: Proof, typed: TypedReferral, read: Mapping[str, Any]) -> OpenReferral:
    advocates = advocates_at_registration(who, None)
    survivor = RegisterSurvivor(
        survivor_id=proof.survivor_id,
        reference=proof.reference,
        name=proof.name,
        safe_contact=typed.safe_contact or None,
        advocate_ids=advocates,
    )
    said = {
        **read,
        "survivor_id": proof.survivor_id,
        "advocate_id": next(iter(advocates), None),
        "exploitation_types": tuple(read["exploitation_types"]),
    }
    episode = OpenEpisode(episode_id=proof.episode_id, actor_id=who.actor_id, role=who.role, **said)
    return OpenReferral(survivor=survivor, episode=episode)


def _search_page(typed: TypedSearch, wrong: Mapping[str, str]) -> str:
    return render_template("case/somebody_new.html", typed=typed, wrong=wrong)


def _referral_page(proof: Proof, sealed: str, typed: TypedReferral, wrong: Mapping[str, str]) -> str:
    codes = {name: [(code, get(listed).label(code)) for code in get(listed).codes] for name, listed in _LISTS.items()}
    return render_template(
        "case/referral_new.html", searched=proof, proof=sealed, typed=typed, wrong=wrong, codes=codes
    )


def _refused(shown: str, status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY) -> Response:
    return Response(shown, status=status, mimetype="text/html")
