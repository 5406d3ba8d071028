"""A contact is written on a page: in a minute, on a telephone; the day is today's, everything else nobody has said."""

from typing import Any

from flask import render_template, request

from services.case.contacts.commands import RecordContact, record_contact
from services.case.contacts.errors import ContactInFutureError
from services.case.contacts.forms import TypedContact, sentence_for
from services.case.contacts.routes import said
from services.case.contacts.words import lists
from services.case.episodes.errors import EpisodeClosedError
from services.case.steps.errors import DueInPastError, TooManyStepsError
from services.case.support.admission import PATH, Admission
from services.case.survivors.sealing import Sealer
from shared.codelists.periods import london_day
from shared.kernel.ids import new_id
from shared.kernel.tenancy import Principal
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages.answers import ask_again
from shared.web.pages.site import go_to


class Writing:
    """The form of a new contact."""

    def __init__(self, context: ServiceContext, web: Gateway, admission: Admission) -> None:
        """Take case's context, the way to its committer, and who may act."""
        self._context = context
        self._web = web
        self._admission = admission

    def ask(self, survivor_id: Any) -> Any:
        """Ask what a contact was."""
        who, key = self._admission.about(survivor_id, RecordContact.action)
        return self._form(who, key, TypedContact.on_day(london_day(self._context.clock.now())), {})

    def record(self, survivor_id: Any) -> Any:
        """Write a contact down."""
        who, key = self._admission.about(survivor_id, RecordContact.action)
        typed = TypedContact.of(request.form)
        body, wrong = typed.read()
        if typed.episode not in {row["id"] for row in self._admission.open_episodes_of(who, key)}:
            wrong = {**wrong, "episode": sentence_for("episode")}
        if not wrong:
            wrong = self._keep(who, key, typed.episode, body)
        if wrong:
            shown = self._form(who, key, typed, wrong)
            return ask_again(shown)
        return go_to(f"{PATH}/{key}?done=contact")

    def _keep(self, who: Principal, key: str, episode_id: str, body: dict[str, Any]) -> dict[str, str]:
        command = RecordContact(
            episode_id=episode_id,
            survivor_id=key,
            contact_id=new_id(),
            said=said(body),
            next_step_by=body["next_step_by"],
            actor_id=who.actor_id,
            role=who.role,
        )
        sealer = Sealer.of_known(self._context, [key])
        try:
            self._admission.carry_out(who, key, command, lambda work: record_contact(command, work, sealer=sealer))
        except ContactInFutureError:
            return {"on": sentence_for("on")}
        except DueInPastError:
            return {"by": sentence_for("by")}
        except TooManyStepsError as error:
            return {"next_step": str(error)}
        except EpisodeClosedError:
            return {"episode": "Support ended meanwhile. Nothing was written."}
        return {}

    def _form(self, who: Principal, key: str, typed: TypedContact, wrong: dict[str, str]) -> str:
        def load() -> tuple[dict[str, Any], list[dict[str, Any]]]:
            return self._admission.survivors.survivor(key), self._admission.open_episodes_of(who, key)

        person, episodes = self._web.read("case:survivor:read", key, load)
        only = episodes[0]["id"] if len(episodes) == 1 else ""
        return render_template(
            "case/contact.html",
            person=person,
            base=f"{PATH}/{key}",
            episodes=episodes,
            typed=typed.at(typed.episode or only),
            wrong=wrong,
            **lists(),
        )
