"""Who may connect a source: who may map its files; the data protection officer sees it."""

from services.case.mappings.rights import MAPPERS

CONNECTORS = MAPPERS
SEERS = (*MAPPERS, "HOST_DPO")
