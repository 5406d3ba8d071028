"""Whose a visit is: whoever goes says that they are safe; its alarm is for those to whom it has come.

Judged again in the command's own transaction (``services.case.visits.commands``). Shown by
tests/integration/case/test_visits.py.
"""

from collections.abc import Callable

from services.case.visits.rules import Visit
from services.case.visits.views import VisitViews
from shared.kernel.tenancy import Principal
from shared.web.routes import Asked, Subject, Whose


def whose_visit(views: VisitViews) -> Whose:
    """Let in whoever goes."""
    return _whose(views, lambda visit, who: visit.goes_id == who.actor_id)


def whose_words(views: VisitViews) -> Whose:
    """Let in whoever may read where it goes."""
    return _whose(views, views.may_read)


def whose_alarm(views: VisitViews) -> Whose:
    """Let in those to whom its alarm has come."""
    return _whose(views, views.may_answer)


def _whose(views: VisitViews, may: Callable[[Visit, Principal], bool]) -> Whose:
    def find(asked: Asked) -> Subject:
        visit = views.visit(asked.path["visit_id"])
        return Subject(id=visit.id, row=visit)

    return Whose(find=find, allows=lambda who, subject: may(subject.row, who))
