"""The reasons for which a yes does not count, in words that say what to do."""

from collections.abc import Mapping

from services.consent.again.rules import (
    ENDED_BY_HOST,
    NO_DATE,
    NO_LANGUAGE,
    NO_METHOD,
    NO_WORDS,
    NOT_CLEAR,
    NOT_PRIVATE,
    WORDS_DO_NOT_FIT,
    WORDS_UNKNOWN,
    YEAR_PASSED,
)

SENTENCES: Mapping[str, str] = {
    NOT_CLEAR: "The file does not say clearly that they said yes.",
    NO_DATE: "The file does not say on which day they said yes.",
    NO_LANGUAGE: "The file does not say in which language they were asked.",
    NO_METHOD: "The file does not say how they were asked.",
    NOT_PRIVATE: "The file does not say that they were asked in private.",
    NO_WORDS: "The file does not say which words were read out to them.",
    WORDS_UNKNOWN: (
        "The words that the file names are not registered. If they were really read out, your data protection officer "
        "can register them, and nobody has to be asked."
    ),
    WORDS_DO_NOT_FIT: (
        "The words that the file names are registered, but not for this purpose, this language and that day."
    ),
    YEAR_PASSED: "A year has passed since they said yes.",
    ENDED_BY_HOST: "Your organisation ended what they had agreed to.",
}


def sentence_of(code: str) -> str:
    """Give a reason in words; a code of a newer version is shown as its own words."""
    return SENTENCES.get(code, f"{code.replace('_', ' ').capitalize()}.")
