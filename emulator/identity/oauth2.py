"""OAuth2: a form with an application credential gives a token (Keystone 30.0.0, api.os_oauth2).

Certificates of clients are not taken: no web server in front of the cloud would have checked them.
"""

from __future__ import annotations

import base64
from urllib.parse import parse_qs

from emulator.errors import EmulatorError
from emulator.identity import authentication
from emulator.identity.errors import Gone, Missing
from emulator.wire.links import service_root
from emulator.wire.operation import Reply
from emulator.wire.request import Context

PATH = "/OS-OAUTH2/token"
FORM = "application/x-www-form-urlencoded"
REASONS = {400: "invalid_request", 401: "invalid_client"}
UNKNOWN = "An unknown error occurred and failed to get an OAuth2.0 access token."


# View


def refusal(ctx: Context, status: int, reason: str, description: str) -> Reply:
    """Return an answer as OAuth2 wants errors, not as Keystone words its own."""
    headers: dict[str, str | tuple[str, ...]] = {}
    if status == 401:
        headers["WWW-Authenticate"] = f'Keystone uri="{service_root(ctx)}/v3"'
    return Reply(status, {"error": reason, "error_description": description}, headers)


# Queries


def _form(ctx: Context) -> dict[str, str]:
    """Return the fields of the form; another kind of body has none."""
    kind = ctx.request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind != FORM:
        return {}
    fields = parse_qs(ctx.request.body.decode(errors="replace"), keep_blank_values=True)
    return {name: values[0] for name, values in fields.items()}


def _client(ctx: Context, form: dict[str, str]) -> tuple[str, str]:
    """Return the client's id and secret, from the Authorization header or else from the form."""
    kind, _, text = ctx.request.headers.get("Authorization", "").partition(" ")
    if kind.lower() == "basic":
        try:
            name, colon, secret = base64.b64decode(text).decode().partition(":")
        except ValueError:
            name = colon = secret = ""
        if colon:
            return name, secret
    return form.get("client_id", ""), form.get("client_secret", "")


# Operations


def token(ctx: Context) -> Reply:
    """Give a token to a program that knows an application credential."""
    form = _form(ctx)
    grant = form.get("grant_type")
    if grant is None:
        return refusal(ctx, 400, "invalid_request", "The parameter grant_type is required.")
    if grant != "client_credentials":
        text = f"The parameter grant_type {grant} is not supported."
        return refusal(ctx, 400, "unsupported_grant_type", text)
    name, secret = _client(ctx, form)
    if not name or not secret:
        return refusal(ctx, 401, "invalid_client", "Client authentication failed.")
    method = "application_credential"
    auth = {"identity": {"methods": [method], method: {"id": name, "secret": secret}}}
    try:
        if ctx.db.get("identity_application_credentials", name) is None:
            raise Missing(kind="Application Credential", id=name)
        made = authentication.authenticate(ctx, auth, authentication.prove(ctx, auth, [method]))
    except EmulatorError as error:
        text = error.message if error.status in REASONS else UNKNOWN
        return refusal(ctx, error.status, REASONS.get(error.status, "other_error"), text)
    seconds = ctx.settings.token_expiration_seconds
    return Reply(
        200, {"access_token": made.row["id"], "token_type": "Bearer", "expires_in": seconds}
    )


def not_allowed(ctx: Context) -> Reply:
    """Answer any other method."""
    return refusal(ctx, 405, "other_error", "The method is not allowed for the requested URL.")


def gone(ctx: Context) -> Reply:
    """The certificates of PKI tokens are no longer given out."""
    raise Gone("This API is no longer available due to the removal of support for PKI tokens.")
