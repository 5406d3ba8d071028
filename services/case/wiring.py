"""Case's rooms."""

from services.case.access.room import ROOM as ACCESS
from services.case.approvals.room import ROOM as APPROVALS
from services.case.asking.room import ROOM as ASKING
from services.case.breaches.room import ROOM as BREACHES
from services.case.caseload.room import ROOM as CASELOAD
from services.case.contacts.room import ROOM as CONTACTS
from services.case.corrections.room import ROOM as CORRECTIONS
from services.case.data_tasks.room import ROOM as DATA_TASKS
from services.case.dependants.room import ROOM as DEPENDANTS
from services.case.disclosures.room import ROOM as DISCLOSURES
from services.case.duplicates.room import ROOM as DUPLICATES
from services.case.emergencies.room import ROOM as EMERGENCIES
from services.case.entries.room import ROOM as ENTRIES
from services.case.episodes.room import ROOM as EPISODES
from services.case.erasures.room import ROOM as ERASURES
from services.case.finding.room import ROOM as FINDING
from services.case.goals.room import ROOM as GOALS
from services.case.handing_over.room import ROOM as HANDING_OVER
from services.case.imports.room import ROOM as IMPORTS
from services.case.information_requests.room import ROOM as INFORMATION_REQUESTS
from services.case.interpreters.room import ROOM as INTERPRETERS
from services.case.interpreting.room import ROOM as INTERPRETING
from services.case.leaving.room import ROOM as LEAVING
from services.case.mappings.room import ROOM as MAPPINGS
from services.case.needs.room import ROOM as NEEDS
from services.case.nrm.room import ROOM as NRM
from services.case.outcomes.room import ROOM as OUTCOMES
from services.case.proofs.room import ROOM as PROOFS
from services.case.references.room import ROOM as REFERENCES
from services.case.referring.room import ROOM as REFERRING
from services.case.restrictions.room import ROOM as RESTRICTIONS
from services.case.rights.room import ROOM as RIGHTS
from services.case.sources.room import ROOM as SOURCES
from services.case.steps.room import ROOM as STEPS
from services.case.strongroom.room import ROOM as STRONGROOM
from services.case.support.room import ROOM as SUPPORT
from services.case.survivors.room import ROOM as SURVIVORS
from services.case.tasks.room import ROOM as TASKS
from services.case.telling.room import ROOM as TELLING
from services.case.visits.room import ROOM as VISITS

ROOMS = (SURVIVORS, FINDING, REFERRING, DUPLICATES, SUPPORT, CORRECTIONS, EPISODES, ENTRIES, CONTACTS, STEPS,
    GOALS, OUTCOMES, NEEDS, NRM, IMPORTS, REFERENCES, MAPPINGS, SOURCES, TASKS, DATA_TASKS, STRONGROOM, TELLING,
    PROOFS, RIGHTS, ERASURES, INFORMATION_REQUESTS, BREACHES, CASELOAD, ASKING, HANDING_OVER, ACCESS, VISITS,
    RESTRICTIONS, DISCLOSURES, APPROVALS, LEAVING, INTERPRETERS, INTERPRETING, DEPENDANTS, EMERGENCIES,
)  # fmt: skip
