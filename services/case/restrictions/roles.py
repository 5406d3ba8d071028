"""Who restricts, and who may open what is frozen for the sake of a life: whoever would ask for help for somebody."""

from services.case.rights.roles import DECIDES

OPENERS = ("IMSA", "SUPERVISOR", "SAFEGUARDING_LEAD")

__all__ = ["DECIDES", "OPENERS"]
