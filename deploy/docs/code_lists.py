"""The page of code lists and statistics plans, from their data files."""

from deploy.docs.markdown import code, page, table
from shared.codelists.lists import CodeList, get, names
from shared.codelists.plan import load_plan

_INTRODUCTION = (
    "Closed lists: a code outside its list is refused. A code that ended stays readable and is never used again "
    "for something "
    "else. Coarser: what it becomes in the board's own lists."
)
PLANS = ("quarter-v1", "year-v1")


def code_lists_page() -> str:
    """Write the page."""
    return page(
        "Code lists", _INTRODUCTION, *(_list(get(n)) for n in names()), "## Statistics plans", *map(_plan, PLANS)
    )


def _list(codes: CodeList) -> str:
    rows = [(code(c.code), c.label_en, c.label_cy or "", code(c.rolls_up_to or "")) for c in codes.entries.values()]
    said = f"Version {codes.version} of {codes.dated}. Source: {codes.source}."
    return f"## {codes.name}\n\n{said}\n\n" + table(("code", "English", "Welsh", "coarser"), rows)


def _plan(plan_id: str) -> str:
    plan = load_plan(plan_id)
    rows = [
        (code(t.id), t.title, n, level.title, "; ".join(c.label for c in level.categories))
        for t in plan.tables
        for n, level in enumerate(t.levels, 1)
    ]
    tables = table(("table", "title", "level", "words", "categories"), rows) or "People counted, and nothing else."
    return f"### {plan_id}\n\n{tables}"
