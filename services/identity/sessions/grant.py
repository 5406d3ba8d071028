"""Sign-in of a browser where identity runs in the same process: the token endpoint's own rules, without HTTP."""

from services.identity.sessions.assembly import tokens_of
from services.identity.sessions.errors import GrantRefusedError
from services.identity.sessions.token_endpoint import TokenEndpoint, TokenRequest
from shared.runtime.context import ServiceContext
from shared.web.pages.grant import Credentials, GrantFailedError, why_refused


def grant(context: ServiceContext) -> "BrowserGrant":
    """Give what the sign-in page asks.

    Raises:
        ConfigurationError: The file of the token key is not named or not there.
    """
    return BrowserGrant(tokens_of(context))


class BrowserGrant:
    """Gives a browser's session its token."""

    def __init__(self, tokens: TokenEndpoint) -> None:
        """Take the endpoint that gives every token."""
        self._tokens = tokens

    def token(self, credentials: Credentials) -> str:
        """Give a token.

        Raises:
            GrantFailedError: No session.
        """
        asked = TokenRequest(
            grant_type="password",
            username=credentials.username,
            password=credentials.password,
            role=credentials.role,
            session="browser",
        )
        return self._give(asked)

    def renew(self, token: str) -> str:
        """Give the next token; see ``Grant``."""
        return self._give(TokenRequest(grant_type="refresh_token", refresh_token=token))

    def _give(self, asked: TokenRequest) -> str:
        try:
            return self._tokens.give(asked)[0]
        except GrantRefusedError as error:
            why = why_refused(error.status, error.oauth_error)
            raise GrantFailedError(why, retry_after_s=error.retry_after_s) from error
