"""What Salesforce's refusals mean: of its REST API and of its sign-in, by its own words or its HTTP status.

Promise: whatever it answers has a fault, and a name in an answer is told only if it was asked for. Shown by
tests/unit/case/test_source_rules.py.
"""

import re
from collections.abc import Iterable, Mapping

from services.case.sources.rules.faults import SourceFaultError

_NO_SUCH_COLUMN = re.compile(r"No such column '([A-Za-z0-9_.]{1,200})'")
_SALESFORCE: Mapping[str, str] = {
    "API_CURRENTLY_DISABLED": "NO_ACCESS",
    "API_DISABLED_FOR_ORG": "NO_ACCESS",
    "INSUFFICIENT_ACCESS": "NO_ACCESS",
    "INVALID_FIELD": "FIELD_GONE",
    "INVALID_SESSION_ID": "SIGN_IN_REFUSED",
    "INVALID_TYPE": "OBJECT_GONE",
    "NOT_FOUND": "OBJECT_GONE",
    "QUERY_TIMEOUT": "TIMED_OUT",
    "REQUEST_LIMIT_EXCEEDED": "LIMIT_REACHED",
    "SERVER_UNAVAILABLE": "MAINTENANCE",
    "TOTAL_REQUESTS_LIMIT_EXCEEDED": "LIMIT_REACHED",
    "INVALID_QUERY_LOCATOR": "NOT_REACHED",
    "CONCURRENT_REQUESTS_LIMIT_EXCEEDED": "LIMIT_REACHED",
}
_BY_STATUS: Mapping[int, str] = {
    401: "SIGN_IN_REFUSED",
    403: "NO_ACCESS",
    404: "OBJECT_GONE",
    420: "LIMIT_REACHED",
    429: "LIMIT_REACHED",
    500: "NOT_UNDERSTOOD",
    502: "MAINTENANCE",
    503: "MAINTENANCE",
    504: "MAINTENANCE",
}


def of_salesforce(status: int, content: object, fields: Iterable[str]) -> SourceFaultError:
    """Give the fault of an answer of Salesforce's REST API.

    Args:
        status: HTTP status.
        content: Its JSON, a list of errors, or text that is none.
        fields: That were asked for; a name in the answer is told only if it is one of these.
    """
    said = content[0] if isinstance(content, list) and content and isinstance(content[0], dict) else {}
    code = _SALESFORCE.get(str(said.get("errorCode", "")), _BY_STATUS.get(status, "NOT_UNDERSTOOD"))
    if code != "FIELD_GONE":
        return SourceFaultError(code)
    missing = {name.casefold() for name in _NO_SUCH_COLUMN.findall(str(said.get("message", "")))}
    ours = [name for name in fields if {name.casefold(), name.rpartition(".")[2].casefold()} & missing]
    return SourceFaultError(code, ours)


_SIGN_IN: Mapping[str, str] = {
    "SERVER_UNAVAILABLE": "MAINTENANCE",
    "LOGIN_RATE_EXCEEDED": "LIMIT_REACHED",
    "REQUEST_LIMIT_EXCEEDED": "LIMIT_REACHED",
    "API_DISABLED_FOR_ORG": "NO_ACCESS",
    "API_CURRENTLY_DISABLED": "NO_ACCESS",
    "temporarily_unavailable": "MAINTENANCE",
    "server_error": "MAINTENANCE",
    "rate_limit_exceeded": "LIMIT_REACHED",
}


def of_sign_in(code: object) -> SourceFaultError:
    """Give the fault of a refused sign-in, whose code is Salesforce's own word or an HTTP status."""
    text = str(code).rpartition(":")[2]
    if text.isdecimal() and int(text) in _BY_STATUS:
        return SourceFaultError(_BY_STATUS[int(text)])
    return SourceFaultError(_SIGN_IN.get(text, "SIGN_IN_REFUSED"))
