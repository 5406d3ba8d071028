"""What the rooms of identity need of people's, made of a service's context."""

from services.identity.people.enrolment import Enrolment
from services.identity.people.names import StaffNames
from services.identity.people.rules import RolePolicy
from services.identity.people.self_service import SelfService
from services.identity.people.views import PeopleViews
from services.identity.sessions.passwords import Passwords
from shared.kernel.clock import real_now
from shared.kernel.tenancy import CENTRE
from shared.runtime.context import ServiceContext


def policy_of(context: ServiceContext) -> RolePolicy:
    """Say which roles may be given here."""
    return RolePolicy(centre=context.tenant_id == CENTRE, demo=context.settings.demo)


def names_of(context: ServiceContext) -> StaffNames:
    """Give what seals and finds staff."""
    return StaffNames(context.tenant_key, context.tenant_id)


def views_of(context: ServiceContext) -> PeopleViews:
    """Give what shows people."""
    database = context.client[context.database_name]
    return PeopleViews(database, names_of(context), policy_of(context), context.tenant_id)


def passwords_of(context: ServiceContext) -> Passwords:
    """Give the one place of this process where passwords are hashed, so that all take turns together."""
    if "passwords" not in context.built:
        context.built["passwords"] = Passwords(cheap=context.settings.demo)
    passwords: Passwords = context.built["passwords"]
    return passwords


def enrolment_of(context: ServiceContext) -> Enrolment:
    """Give what prepares users."""
    return Enrolment(names_of(context), passwords_of(context), real_now)


def self_service_of(context: ServiceContext) -> SelfService:
    """Give what sets passwords with links."""
    return SelfService(context.client[context.database_name], context.committer, enrolment_of(context), real_now)
