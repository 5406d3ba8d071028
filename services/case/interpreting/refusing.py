"""Why somebody may not interpret, in words for whoever works with them; codes and their order are a list's."""

from shared.codelists.lists import get

_LIST = get("interpreter_refusal")
REASONS = {code: _LIST.label(code)[:1].lower() + _LIST.label(code)[1:] for code in _LIST.codes}
"""By code; a test holds each against what it must say."""
