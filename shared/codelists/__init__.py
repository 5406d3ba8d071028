"""Code lists, nation policy, nationalities and statistics plans, as versioned data with dates and sources."""

from shared.codelists.lists import Code, CodeList, get, names
from shared.codelists.policy import nation_policy

__all__ = ("Code", "CodeList", "get", "names", "nation_policy")
