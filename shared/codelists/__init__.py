"""Code lists, nationalities and statistics plans, as versioned data with dates and sources."""

from shared.codelists.lists import Code, CodeList, get, names

__all__ = ("Code", "CodeList", "get", "names")
