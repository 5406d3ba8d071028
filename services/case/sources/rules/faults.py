"""What can go wrong with a source, in plain words, and what mends it; no word of an answer or a file stands in any.

Promise: each fault has a sentence and a cure, and only names that a mapping has are ever added to it. Shown by
tests/unit/case/test_source_rules.py.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

MOST_NAMED = 10


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that can go wrong.

    Attributes:
        says: What happened.
        cure: What to do.
        passes: Whether it may pass by itself, so that it is tried again soon; else only a person mends it.
    """

    code: str
    says: str
    cure: str
    passes: bool = False


class SourceFaultError(Exception):
    """A source could not be read.

    Attributes:
        names: Of columns, where the fault is about some of the mapping's own.
    """

    def __init__(self, code: str, names: Iterable[str] = ()) -> None:
        """Take a code of ``FAULTS``."""
        super().__init__(code)
        self.fault = FAULTS[code]
        self.names = tuple(names)[:MOST_NAMED]

    @property
    def code(self) -> str:
        """The fault's code."""
        return self.fault.code


_NEW_CREDENTIALS = 'Give the credentials again: alongside sources credentials, or "Change" on the source\'s page.'
_BY_ITSELF = "It is tried again by itself; you do not need to do anything."
_ACCESS = (
    "Ask whoever administers Salesforce to let this user read the object and each field of the mapping through the API."
)

FAULTS: Mapping[str, Fault] = {
    one.code: one
    for one in (
        Fault(
            code="SIGN_IN_REFUSED",
            says="The system refused the sign-in: a user, password, token, key or secret is wrong or has ended.",
            cure=_NEW_CREDENTIALS,
        ),
        Fault(
            code="NOT_OPENED",
            says="The credentials that are kept here do not open any more.",
            cure=_NEW_CREDENTIALS,
        ),
        Fault(code="NO_ACCESS", says="The system signs us in, but does not let us read this.", cure=_ACCESS),
        Fault(
            code="OBJECT_GONE",
            says="The system has no such object, or does not show it to this user.",
            cure=f"Look whether it was renamed there. {_ACCESS}",
        ),
        Fault(
            code="FIELD_GONE",
            says="The system has no such fields any more, or does not show them to this user",
            cure=f"If they were renamed there, propose a mapping with the new names and approve it. Else: {_ACCESS}",
        ),
        Fault(
            code="FIELD_NOT_PLAIN",
            says="A field of the mapping holds several things at once, such as an address",
            cure="Name one of its parts in the mapping, or leave it out.",
        ),
        Fault(
            code="LIMIT_REACHED",
            says="The system's daily limit of requests is used up.",
            cure=f"{_BY_ITSELF} If it happens often, ask whoever administers Salesforce which program uses it up.",
            passes=True,
        ),
        Fault(code="MAINTENANCE", says="The system is being maintained.", cure=_BY_ITSELF, passes=True),
        Fault(code="NOT_REACHED", says="The system could not be reached, or broke off.", cure=_BY_ITSELF, passes=True),
        Fault(
            code="NAME_NOT_FOUND",
            says="The system's name could not be found on the internet.",
            cure=f"{_BY_ITSELF} If it lasts, compare the name with the address in your browser.",
            passes=True,
        ),
        Fault(code="TIMED_OUT", says="The system took too long to answer.", cure=_BY_ITSELF, passes=True),
        Fault(
            code="INCOMPLETE",
            says="The system sent fewer or more records than it said it has, so nothing of them was taken.",
            cure=_BY_ITSELF,
            passes=True,
        ),
        Fault(
            code="NOTHING_SEEN",
            says="The system showed us no record at all, and we do not take that for everybody being gone.",
            cure=_ACCESS,
        ),
        Fault(
            code="NOT_UNDERSTOOD",
            says="The system answered something that is no answer to our question.",
            cure=f"{_BY_ITSELF} If it lasts, tell your operator.",
            passes=True,
        ),
        Fault(
            code="ADDRESS_REFUSED",
            says="The system's name leads to an address that is not of the public internet, so nothing was sent there.",
            cure="Compare the name with the address in your browser, and tell your operator.",
        ),
        Fault(
            code="ELSEWHERE",
            says="The system sent us on to a place that is not Salesforce, and we did not go there.",
            cure='Give your own "My Domain" name, such as example.my.salesforce.com, and tell your operator.',
        ),
        Fault(
            code="CERTIFICATE_REFUSED",
            says="Whoever answered could not prove to be the system, so nothing was sent.",
            cure="Tell your operator at once: somebody may stand in between.",
        ),
        Fault(
            code="TOO_MUCH",
            says="The system has more than can be read at once: 1,000,000 records or 500 MB.",
            cure="Ask for fewer fields, or move old records to an archive there.",
        ),
        Fault(
            code="ANSWER_TOO_LARGE",
            says="One answer of the system was larger than 32 MB.",
            cure="Take fields with long texts out of the mapping.",
        ),
        Fault(
            code="MAPPING_GONE",
            says="The mapping of this source is no longer approved, or its columns are no field names.",
            cure="Propose and approve a mapping of this name whose columns are the system's own field names.",
        ),
        Fault(
            code="FILE_REFUSED",
            says="What was read does not fit the mapping; the import says why.",
            cure="Open the import, mend what it names, then pull again.",
        ),
        Fault(
            code="FILE_NOT_TAKEN",
            says="A file in the folder could not be taken. The reason stands beside it, in the folder refused.",
            cure="Read the reason, mend what it names, and put the file there again.",
        ),
        Fault(
            code="FOLDER_MISSING",
            says="The folder of this source cannot be read and written.",
            cure="Ask your operator to make it, and to let the job's user read, write and move files there.",
            passes=True,
        ),
        Fault(
            code="FOLDER_FULL",
            says="The folder holds more than 1,000 entries, and only some of them were looked at.",
            cure="Ask whoever sends files to clear it.",
            passes=True,
        ),
        Fault(
            code="KILLED",
            says="Reading it was cut off three times before it had finished.",
            cure=f"{_BY_ITSELF} If it lasts, tell your operator: the machine may lack memory.",
            passes=True,
        ),
        Fault(
            code="FAULT",
            says="Something went wrong here that nobody foresaw.",
            cure=f"{_BY_ITSELF} If it lasts, tell your operator, whose log names the fault.",
            passes=True,
        ),
    )
}


def words(code: str, names: Iterable[str] = ()) -> str:
    """Give what happened, with the mapping's own names where the fault is about some."""
    says, named = FAULTS[code].says, ", ".join(names)
    if says.endswith("."):
        return says
    return f"{says}: {named}." if named else f"{says}."
