"""A small typed client of Alongside's HTTP API; it needs httpx and nothing else of this code.

Its promises stand with the modules that keep them: what is repeated in ``sending``, whom one signs in as in
``grants``, what an error says in ``errors``. One client serves one thread.
"""

from .answers import Answer, Changes
from .client import Client
from .errors import (
    AwayError,
    BusyError,
    ClientError,
    Fault,
    InvalidInputError,
    NotFoundError,
    NotSignedInError,
    PlainAddressError,
    PreconditionRequiredError,
    ProblemError,
    RuleViolationError,
    SignInRefusedError,
    StaleVersionError,
    UnusableAnswerError,
)
from .grants import Grant, MachineKey, Password, Renewal, Token
from .sending import Retries

__all__ = [
    "Answer",
    "AwayError",
    "BusyError",
    "Changes",
    "Client",
    "ClientError",
    "Fault",
    "Grant",
    "InvalidInputError",
    "MachineKey",
    "NotFoundError",
    "NotSignedInError",
    "Password",
    "PlainAddressError",
    "PreconditionRequiredError",
    "ProblemError",
    "Renewal",
    "Retries",
    "RuleViolationError",
    "SignInRefusedError",
    "StaleVersionError",
    "Token",
    "UnusableAnswerError",
]
