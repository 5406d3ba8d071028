"""What signs in and gives tokens, made of a service's context."""

from pathlib import Path

from services.identity.people.assembly import names_of, passwords_of
from services.identity.sessions.sign_in import SignIn
from services.identity.sessions.token_endpoint import TokenEndpoint
from shared.kernel.clock import real_now
from shared.kernel.tenancy import TenantId
from shared.runtime.context import ConfigurationError, ServiceContext
from shared.web.tokens import TokenIssuer, TokenVerifier


def sign_in_of(context: ServiceContext) -> SignIn:
    """Give the one sign-in of this process: API and pages count failures, and take turns, together."""
    if "sign_in" not in context.built:
        context.built["sign_in"] = SignIn(
            context.client[context.database_name],
            context.committer,
            tenant=context.tenant_id,
            names=names_of(context),
            passwords=passwords_of(context),
            real_time=real_now,
        )
    sign_in: SignIn = context.built["sign_in"]
    return sign_in


def tokens_of(context: ServiceContext) -> TokenEndpoint:
    """Give the one way to a token.

    Raises:
        ConfigurationError: The file of the token key is not named or not there.
    """
    settings = context.settings

    def verifier_of(audience: TenantId) -> TokenVerifier:
        return TokenVerifier(settings.token_public_keys, tenant_id=audience, issuer=settings.token_issuer)

    return TokenEndpoint(sign_in_of(context), _issuer(context), context.tenant_id, verifier_of)


def _issuer(context: ServiceContext) -> TokenIssuer:
    named = context.settings.extra.get("token_private_key_file")
    file = Path(str(named or ""))
    if named is None or not file.is_file():
        raise ConfigurationError(
            f"Identity of tenant {context.tenant_id} has no token key: token_private_key_file in its credentials "
            "file names no file. Run: alongside tenant add."
        )
    return TokenIssuer(file.read_text(encoding="utf-8").strip(), issuer=str(context.tenant_id))
