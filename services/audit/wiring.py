"""Audit's composition root."""

from services.audit.api import build_blueprint
from services.audit.handlers import keep_actions
from services.audit.views import AuditViews
from shared.bus.topology import topology_of
from shared.contracts.marks import AUDITS
from shared.outbox.inbox import Hearing
from shared.runtime.context import ServiceContext
from shared.web.bodies import Blueprint
from shared.web.gateway import Gateway


def build_hearings(context: ServiceContext) -> list[Hearing]:
    """Hear every service of the vhost."""
    services = topology_of(context.tenant_id).services
    return [Hearing(event=AUDITS[service], handle=keep_actions) for service in services]


def build_blueprints(context: ServiceContext, gateway: Gateway) -> list[Blueprint]:
    """Build the HTTP routes."""
    return [build_blueprint(gateway, AuditViews(context.client[context.database_name]))]
