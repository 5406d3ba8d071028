"""Who opens in an emergency, who looks at it afterwards, and who says of whom that it is never they who open."""

from services.case.rights.roles import DECIDES
from services.case.survivors.rules import ADVOCATE

LEAD = "SAFEGUARDING_LEAD"
OPENERS = (ADVOCATE, LEAD)
"""Advocates on somebody else's people, and the safeguarding lead; a supervisor may read every record anyway."""
REVIEWERS = (LEAD, DECIDES)
TOLD = (ADVOCATE, *REVIEWERS)
"""Who sees what was opened: the reviewers everything, an advocate what was opened of people on whom they may act."""
NAMERS = (ADVOCATE, "SUPERVISOR", *REVIEWERS)
