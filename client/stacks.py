"""Which stack or API a command is about, as whom, and whether it may be spoken to: asked before anything is sent."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus

from client.acting import acting
from client.alongside_client import Client, Renewal, SignInRefusedError
from client.sessions import Session, find, forget, keep
from client.shown import say
from deploy.engines.layout import Layout
from deploy.stack.api_client import ApiClient, ApiRefusedError
from deploy.stack.ours import require_api, require_engines, require_tenant
from deploy.stack.people import CENTRE_LOGINS, HOST_LOGINS, client_of
from deploy.stack.stack import Stack
from shared.kernel.errors import RuleViolationError
from shared.kernel.tenancy import BOARD, CENTRE, CUSTODIAN, is_sandbox

_ENDED = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED})


class SignInFirstError(RuleViolationError):
    """Nobody is signed in there, or the session has ended."""

    code = "sign-in-first"

    def __init__(self, tenant: str, *, elsewhere: bool, demo: bool) -> None:
        """Say how, and in a demo also how to act as its invented people."""
        how = f"alongside {'--url … ' if elsewhere else ''}sign-in --tenant {tenant}"
        more = (
            ". This is a demo: to act as its invented people, begin the command with: alongside --demo" if demo else ""
        )
        super().__init__(f"Nobody is signed in at {tenant}, or the session has ended. Sign in with: {how}{more}")


class NoInventedPeopleError(RuleViolationError):
    """A stack in service has no invented people, and a demo only those that it made."""

    code = "no-invented-people"

    def __init__(self) -> None:
        """Say what to do instead."""
        super().__init__(
            "This stack has no such invented person; only a demo has any. Leave out --demo, and use: alongside sign-in"
        )


class OwnStackOnlyError(RuleViolationError):
    """The command is about the machine's own stack."""

    code = "own-stack-only"

    def __init__(self) -> None:
        """Say what to leave out."""
        super().__init__("This command is about the stack of this machine itself. Leave out --url.")


@dataclass(frozen=True, kw_only=True)
class Place:
    """An API to which a person signs in.

    Attributes:
        name: What a session there is kept under.
        token_url: Where tokens are given, if not by this API itself.
        audience: For whom they are, when the central register gives them.
        local: Whether it is of this machine's own stack.
        demo: Whether it has invented people.
    """

    name: str
    url: str
    token_url: str | None = None
    audience: str | None = None
    local: bool = False
    demo: bool = False

    def sign_in_first(self, tenant: str) -> SignInFirstError:
        """Give what to say where nobody is signed in."""
        return SignInFirstError(tenant, elsewhere=not self.local, demo=self.demo)


def this_stack() -> Stack:
    """Give the stack that ALONGSIDE_HOME and ALONGSIDE_PORT_BASE name; nothing is touched yet.

    Raises:
        OwnStackOnlyError: Another place was asked for.
    """
    if acting().url is not None:
        raise OwnStackOnlyError
    return Stack(Layout.from_environment(), say=say)


def running_stack(*tenants: str) -> Stack:
    """Give this stack, whose engines run and which has these tenants.

    Raises:
        NoSuchTenantError, NotRunningError, HomeInUseError, OtherStackError: See ``deploy.stack.ours``.
    """
    stack = this_stack()
    for tenant in tenants:
        require_tenant(stack, tenant)
    require_engines(stack)
    return stack


def place_of(tenant: str, *, register_url: str | None = None, look: bool = True, host: bool = False) -> Place:
    """Give the API that a command is about.

    Args:
        tenant: Whose.
        register_url: The central register's address, where it is elsewhere and not known from a session.
        look: Whether it has to run; to forget a session it need not.
        host: Whether it has to be a host's.

    Raises:
        NoSuchTenantError, NotRunningError, HomeInUseError, OtherStackError: See ``deploy.stack.ours``.
    """
    centre = tenant in {BOARD, CUSTODIAN}
    audience = tenant if centre else None
    url = acting().url
    if url is not None:
        return Place(name=url, url=url, token_url=register_url, audience=audience)
    stack = this_stack()
    require_tenant(stack, tenant, host=host)
    if look:
        for server in (tenant, CENTRE) if centre else (tenant,):
            require_api(stack, server)
    return Place(
        name=f"{stack.layout.home.resolve()}#{tenant}",
        url=stack.url(tenant),
        token_url=stack.url(CENTRE) if centre else None,
        audience=audience,
        local=True,
        demo=stack.state.demo or is_sandbox(tenant),
    )


def person_at(place: Place, tenant: str) -> ApiClient:
    """Give a session of who signed in there.

    Raises:
        SignInFirstError: Nobody did, or it has ended.
    """
    session = find(place.name)
    if session is None or session.tenant != tenant:
        raise place.sign_in_first(tenant)
    return _Person(place, session)


class _Person(ApiClient):
    """The person who signed in; each new token is kept, and a session that is refused is forgotten."""

    def __init__(self, place: Place, session: Session) -> None:
        """Take the session."""
        super().__init__(
            url=place.url,
            token_url=session.token_url,
            audience=session.audience,
            grant=Renewal(audience=session.audience),
            token=session.token,
            on_token=lambda token: keep(session.with_token(token)),
            local=place.local,
        )
        self._place, self._tenant = place, session.tenant

    @contextmanager
    def _told(self) -> Iterator[Client]:
        try:
            with super()._told() as client:
                yield client
        except ApiRefusedError as error:
            if isinstance(error.__cause__, SignInRefusedError) and error.status in _ENDED:
                forget(self._place.name)
                raise self._place.sign_in_first(self._tenant) from error
            raise


def host_client(tenant: str, name: str) -> ApiClient:
    """Give a session at a host's API: of the person who signed in, or with ``--demo`` of the invented one of that name.

    Raises:
        SignInFirstError: Nobody signed in there.
        NoInventedPeopleError: The stack is no demo.
        NoSuchTenantError, NotRunningError, HomeInUseError, OtherStackError: See ``deploy.stack.ours``.
    """
    place = place_of(tenant, host=True)
    return invented(place, tenant, name) if acting().demo else person_at(place, tenant)


def board_client(name: str) -> ApiClient:
    """Give a session at the board's API; people of the centre sign in at the central register.

    Raises:
        See ``host_client``.
    """
    place = place_of(BOARD)
    return invented(place, BOARD, name) if acting().demo else person_at(place, BOARD)


def invented(place: Place, tenant: str, name: str) -> ApiClient:
    """Sign in as one of a demo's invented people.

    Raises:
        NoInventedPeopleError: The stack is no demo.
    """
    if not place.demo or name not in (CENTRE_LOGINS if tenant in {BOARD, CENTRE} else HOST_LOGINS):
        raise NoInventedPeopleError
    return client_of(this_stack(), tenant, name)
