"""What was typed of a search and of a referral, as the API's own schemas read it; each fault leads to its field."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict

from services.case.episodes.schemas import OpenEpisodeSchema
from services.case.episodes.states import REFERRED
from services.case.finding.rules import LONGEST
from shared.web.pages.dates import PARTS, day_of, typed_day

Form = MultiDict[str, str]
LONGEST_CONTACT = 500
_LONGEST_CODE, _LONGEST_NATIONALITY, _MOST_TICKED = 80, 200, 30
_SENTENCES = {
    "safe_contact": f"Write how to reach them safely in at most {LONGEST_CONTACT} letters.",
    "referral_date": "Give the day on which they were referred, such as 4 8 2026. It cannot lie in the future.",
    "referral_source": "Choose who referred them, or leave it out.",
    "age_band": "Choose their age at referral.",
    "gender": "Choose the gender that they say. Not specified is an answer too.",
    "nationality": "Write a nationality or a country, such as Viet Nam, or: not known.",
    "exploitation_types": "Choose at least one kind of exploitation. Not known is an answer too.",
    "nation": "Choose in which nation they are supported.",
}


@dataclass(frozen=True, kw_only=True)
class TypedSearch:
    """The search as it was typed."""

    name: str = ""
    telephone: str = ""
    reference: str = ""

    @classmethod
    def of(cls, form: Form) -> "TypedSearch":
        """Read the form."""
        return cls(**{name: form.get(name, "").strip()[:LONGEST] for name in ("name", "telephone", "reference")})

    @property
    def said(self) -> dict[str, str | None]:
        """What is looked for; an empty field says nothing."""
        return {name: text or None for name, text in asdict(self).items()}


@dataclass(frozen=True, kw_only=True)
class TypedReferral:
    """The referral as it was typed, to show it again."""

    safe_contact: str = ""
    referral_date: Mapping[str, str] = field(default_factory=dict)
    referral_source: str = ""
    age_band: str = ""
    gender: str = ""
    nationality: str = ""
    exploitation_types: tuple[str, ...] = ()
    nation: str = ""

    @classmethod
    def of(cls, form: Form) -> "TypedReferral":
        """Read the form; one letter more than may be is kept, so that it is seen to be too much."""
        codes = {
            name: form.get(name, "")[:_LONGEST_CODE] for name in ("referral_source", "age_band", "gender", "nation")
        }
        return cls(
            safe_contact=form.get("safe_contact", "").strip()[: LONGEST_CONTACT + 1],
            referral_date=typed_day(form, "referral_date"),
            nationality=form.get("nationality", "").strip()[: _LONGEST_NATIONALITY + 1],
            exploitation_types=tuple(
                dict.fromkeys(one[:_LONGEST_CODE] for one in form.getlist("exploitation_types")[:_MOST_TICKED])
            ),
            **codes,
        )

    @classmethod
    def on_day(cls, day: date) -> "TypedReferral":
        """Give an empty form of a day."""
        typed = (str(day.day), str(day.month), str(day.year))
        return cls(referral_date=dict(zip(PARTS, typed, strict=True)))

    def read(self, survivor_id: str) -> tuple[dict[str, Any], dict[str, str]]:
        """Give the episode as the API's schema reads it, and the sentence for each field that is to be mended."""
        wrong = {"safe_contact"} if len(self.safe_contact) > LONGEST_CONTACT else set()
        try:
            day = day_of(dict(self.referral_date))
        except ValueError:
            day = None
        body = {
            "survivor_id": survivor_id,
            "referral_date": day.isoformat() if day is not None else "",
            "age_band": self.age_band,
            "gender": self.gender,
            "nationality": self.nationality,
            "exploitation_types": list(self.exploitation_types),
            "nation": self.nation,
            "referral_source": self.referral_source or None,
            "status": REFERRED,
        }
        read: dict[str, Any] = {}
        try:
            read = OpenEpisodeSchema().load(body)
        except ValidationError as error:
            wrong |= set(error.messages_dict)
        # In the order in which the page asks.
        return read, {name: sentence for name, sentence in _SENTENCES.items() if name in wrong}


def sentence_for(name: str) -> str:
    """Give the sentence that says how to mend a field."""
    return _SENTENCES[name]
