"""What may be asked of disclosures; each takes the survivor's turn, which a no that arrives takes too.

Promise: nothing is written down as given but under a permission that lasts by the server's time, in one transaction
with the last look at whatever ended it. Shown by tests/integration/case/test_disclosures.py. Source: decisions 4; ADR
0070.
"""

import secrets
from dataclasses import dataclass, replace
from typing import ClassVar

from services.case.contacts.rules import says_something
from services.case.disclosures.documents import MOST_OF_ONE, DisclosureStore
from services.case.disclosures.errors import NoSafeContactError, NotWhatWasAskedError, TooManyError
from services.case.disclosures.holds import check_nothing_before
from services.case.disclosures.rules import Disclosure, Item, kinds_of
from services.case.survivors.documents import SURVIVORS, SurvivorStore
from services.case.survivors.sealing import Sealer
from shared.codelists.lists import get
from shared.contracts.disclosure import DisclosureRequested
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork

AS_SAFE = "AS_THEY_SAID_IS_SAFE"
ANSWERS = ("DELETED", "STOPPED", "REFUSED_BY_LAW")
"""What a recipient may answer who is told that a yes ended."""


@dataclass(frozen=True, kw_only=True)
class OnDisclosure(DomainCommand):
    """Base of what is done about giving something of a survivor out."""

    disclosure_id: str
    survivor_id: str
    actor_id: str
    role: str

    @property
    def object_id(self) -> str:
        """The survivor, so that they find it among who did what with their record."""
        return self.survivor_id

    @property
    def aggregates(self) -> frozenset[str]:
        """The disclosure, and the survivor whose turn it takes."""
        return frozenset({self.disclosure_id, self.survivor_id})


@dataclass(frozen=True, kw_only=True)
class AskToDisclose(OnDisclosure):
    """Somebody would give something of a survivor to a recipient; consent is asked.

    Attributes:
        recipient: To whom, by name; sealed.
        items: What, one by one; sealed.
    """

    action: ClassVar[str] = "case:disclosure:ask"
    purpose: str
    recipient_class: str
    recipient: str
    items: tuple[Item, ...]
    means: str
    contact: str
    permit_id: str


@dataclass(frozen=True, kw_only=True)
class AskAgain(OnDisclosure):
    """The answer did not come, was a no, or has run out: consent is asked again."""

    action: ClassVar[str] = "case:disclosure:ask-again"
    permit_id: str


@dataclass(frozen=True, kw_only=True)
class GiveOut(OnDisclosure):
    """It is given now."""

    action: ClassVar[str] = "case:disclosure:give"


@dataclass(frozen=True, kw_only=True)
class NoteTold(OnDisclosure):
    """The recipient was told that the yes ended.

    Attributes:
        answer: What they answered; a code of ``withdrawal_finding``.
    """

    action: ClassVar[str] = "case:disclosure:told"
    answer: str


def ask_to_disclose(command: AskToDisclose, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Keep what would be given, and ask consent.

    Raises:
        DocumentMissingError, KeyDestroyedError: There is nobody, or they are being erased.
        UnknownCodeError, NoSafeContactError, DisclosureHeldError, TooManyError: Nothing is asked.
    """
    for name, code in (
        ("consent_purpose", command.purpose),
        ("recipient_class", command.recipient_class),
        ("disclosure_means", command.means),
        ("disclosure_contact", command.contact),
        *(("data_class", item.data_class) for item in command.items),
    ):
        get(name).require(code)
    SurvivorStore(work).take_turn(command.survivor_id)
    check_nothing_before(work, command.survivor_id, sealer)
    if command.contact == AS_SAFE and not _has_safe_contact(work, command.survivor_id, sealer):
        raise NoSafeContactError
    one = Disclosure(
        id=command.disclosure_id,
        survivor_id=command.survivor_id,
        purpose=command.purpose,
        recipient_class=command.recipient_class,
        data_classes=kinds_of(command.items),
        means=command.means,
        contact=command.contact,
        recipient=command.recipient,
        items=command.items,
        salt=secrets.token_hex(32),
        binds="",
        permit_id=command.permit_id,
        asked_by=command.actor_id,
        asked_role=command.role,
        asked_at=work.now,
        updated_at=work.now,
    )
    one = replace(one, binds=one.bound())
    _check_few(work, one)
    DisclosureStore(work).add(one, sealer)
    _ask(work, one)
    return Answer(status=201, ids={"id": one.id, "version": 1, "state": one.state})


def ask_again(command: AskAgain, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Ask consent again about the same things.

    Raises:
        DocumentMissingError, KeyDestroyedError, DisclosureHeldError, GivenAlreadyError, StillAskedError,
        AskedTooOftenError, TooManyError: Nothing is asked.
    """
    SurvivorStore(work).take_turn(command.survivor_id)
    check_nothing_before(work, command.survivor_id, sealer)
    before = DisclosureStore(work).get(command.disclosure_id, command.survivor_id)
    after = before.asked_again(command.permit_id, by=command.actor_id, role=command.role, at=work.now)
    _check_few(work, after)
    version = DisclosureStore(work).save(before, after)
    _ask(work, after)
    return Answer(status=200, ids={"id": after.id, "version": version, "state": after.state})


def give_out(command: GiveOut, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Write down that it is given, once, under a permission that lasts and binds what is kept.

    Raises:
        DocumentMissingError, KeyDestroyedError, DisclosureHeldError, NotPermittedError, NotWhatWasAskedError: Nothing
            may be given.
    """
    SurvivorStore(work).take_turn(command.survivor_id)
    before = DisclosureStore(work).get(command.disclosure_id, command.survivor_id, sealer)
    after = before.given(by=command.actor_id, at=work.now)
    if after != before:
        check_nothing_before(work, command.survivor_id, sealer, said_at=before.said_at)
        if before.bound() != before.binds:
            raise NotWhatWasAskedError
    version = DisclosureStore(work).save(before, after)
    return Answer(status=200, ids={"id": after.id, "version": version, "state": after.state})


def note_told(command: NoteTold, work: UnitOfWork) -> Answer:
    """Note that the recipient was told that the yes ended, and what they answered.

    Raises:
        DocumentMissingError, UnknownCodeError, NobodyToTellError: Nothing changes.
    """
    get("withdrawal_finding").require(command.answer)
    SurvivorStore(work).take_turn(command.survivor_id)
    before = DisclosureStore(work).get(command.disclosure_id, command.survivor_id)
    after = before.told(command.answer, by=command.actor_id, at=work.now)
    return Answer(status=200, ids={"id": after.id, "version": DisclosureStore(work).save(before, after)})


def _has_safe_contact(work: UnitOfWork, survivor_id: str, sealer: Sealer) -> bool:
    sealed = {"safe_contact": work.get(SURVIVORS, survivor_id)["sealed"].get("safe_contact")}
    return says_something(sealer.open(survivor_id, sealed)["safe_contact"])


def _check_few(work: UnitOfWork, one: Disclosure) -> None:
    if len(DisclosureStore(work).concerned(one.survivor_id, one.purpose)) >= MOST_OF_ONE:
        raise TooManyError


def _ask(work: UnitOfWork, one: Disclosure) -> None:
    asked = DisclosureRequested(
        permit_id=one.permit_id,
        disclosure_id=one.id,
        survivor_id=one.survivor_id,
        purpose=one.purpose,
        recipient_class=one.recipient_class,
        data_classes=one.data_classes,
        binds=one.binds,
    )
    work.record(asked, sequence=1)
