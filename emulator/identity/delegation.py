"""Tokens that act for somebody: what they may not be used for (Keystone 30.0.0)."""

from __future__ import annotations

from emulator.identity.errors import NotAllowed, NotAuthorized
from emulator.wire.request import Context

PRIMARY = frozenset({"external", "password", "token", "mapped", "saml2", "openid", "x509", "totp"})


def methods(ctx: Context) -> frozenset[str]:
    """Return how the caller's token was come by."""
    return frozenset(ctx.credentials.facts.get("methods", ()))


def is_delegated(ctx: Context) -> bool:
    """Say whether the caller's token was come by without a login of the user."""
    return not methods(ctx) <= PRIMARY


def trust_id(ctx: Context) -> str | None:
    """Return the trust that the caller's token is for."""
    found: str | None = ctx.credentials.facts.get("trust_id")
    return found


def refuse(ctx: Context, action: str) -> None:
    """Refuse the action to delegated tokens, trusts included."""
    if trust_id(ctx) or is_delegated(ctx):
        raise NotAuthorized(rule=action)


def refuse_trusts(ctx: Context) -> None:
    """Keep delegated tokens from managing trusts; a trust's own may, to delegate further."""
    if is_delegated(ctx):
        raise NotAuthorized(rule="Delegated tokens cannot manage trusts.")


def refuse_application_credentials(ctx: Context) -> None:
    """Keep tokens of trusts, OAuth and EC2 from application credentials."""
    if "application_credential" in methods(ctx):
        return
    if trust_id(ctx) or is_delegated(ctx):
        raise NotAllowed()


def require_unrestricted(ctx: Context) -> None:
    """Keep restricted application credentials from making others."""
    if ctx.credentials.facts.get("restricted"):
        raise NotAuthorized(
            rule="Using method 'application_credential' is not allowed for managing additional"
            " application credentials."
        )
