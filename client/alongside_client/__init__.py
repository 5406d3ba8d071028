"""A small typed client of Alongside's HTTP API; it needs httpx and nothing else of this code.

Its promises stand with the modules that keep them: what is repeated in ``sending``, whom one signs in as in
``grants``, what an error says in ``errors``. One client serves one thread.
"""

from .answers import Answer, Changes
from .batches import Command, Done, send_batch
from .client import Client
from .errors import (
    AwayError,
    BadRequestError,
    BusyError,
    ClientError,
    Fault,
    FaultError,
    GoneError,
    InvalidInputError,
    KeyInFlightError,
    KeyReusedError,
    NotFoundError,
    NotSignedInError,
    PlainAddressError,
    PreconditionRequiredError,
    ProblemError,
    RuleViolationError,
    SignInRefusedError,
    SourceNeededError,
    SourceNotKnownError,
    StaleVersionError,
    UnusableAnswerError,
)
from .grants import Grant, MachineKey, Password, Renewal, Token
from .keeping_up import keep_up
from .records import Put, Records
from .sending import Retries

__all__ = [
    "Answer",
    "AwayError",
    "BadRequestError",
    "BusyError",
    "Changes",
    "Client",
    "ClientError",
    "Command",
    "Done",
    "Fault",
    "FaultError",
    "GoneError",
    "Grant",
    "InvalidInputError",
    "KeyInFlightError",
    "KeyReusedError",
    "MachineKey",
    "NotFoundError",
    "NotSignedInError",
    "Password",
    "PlainAddressError",
    "PreconditionRequiredError",
    "ProblemError",
    "Put",
    "Records",
    "Renewal",
    "Retries",
    "RuleViolationError",
    "SignInRefusedError",
    "SourceNeededError",
    "SourceNotKnownError",
    "StaleVersionError",
    "Token",
    "UnusableAnswerError",
    "keep_up",
    "send_batch",
]
