"""Tokens: who they stand for, how they are made, shown and ended."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, NamedTuple

import orjson

from emulator.errors import EmulatorError
from emulator.identity import assignments, catalog, revocations, settings
from emulator.identity.errors import Missing, NotAuthenticated, NothingThere
from emulator.simulation.clock import iso, moment
from emulator.wire.operation import Reply
from emulator.wire.request import Context, Credentials

CACHE_MAX = 10_000  # tokens remembered; beyond that the memory begins anew
SERVICE_TYPES = {"volume": ("block-storage", "volumev3", "volume")}  # names in access rules


class Token(NamedTuple):
    """A token and everybody it names, as they are now."""

    row: Any
    user: Any
    user_domain: Any
    roles: list[Any]
    project: Any = None
    project_domain: Any = None
    domain: Any = None
    trust: Any = None
    trustor: Any = None
    application_credential: Any = None
    access_token: Any = None

    @property
    def audit_ids(self) -> list[str]:
        """The token's own audit id and, when it was made from another, that of the first."""
        parent = self.row["parent_audit_id"]
        return [self.row["audit_id"], parent] if parent else [self.row["audit_id"]]

    @property
    def scoped(self) -> bool:
        """Whether it is for anything in particular."""
        row = self.row
        return bool(row["project_id"] or row["domain_id"] or row["system"] or row["trust_id"])


# View


def view(ctx: Context, token: Token, *, with_catalog: bool = True) -> dict[str, Any]:
    """Return the token as Keystone shows it (Keystone 30.0.0, common.render_token)."""
    row = token.row
    who, who_domain = _acting(ctx, token)
    shown: dict[str, Any] = {
        "methods": row["methods"].split(","),
        "user": _person(who, who_domain),
        "audit_ids": token.audit_ids,
        "expires_at": row["expires_at"][:19] + ".000000Z",
        "issued_at": row["issued_at"][:19] + ".000000Z",
    }
    if row["system"]:
        shown["roles"] = _roles(token)
        shown["system"] = {"all": True}
    elif token.domain is not None:
        shown["domain"] = _named(token.domain)
        shown["roles"] = _roles(token)
    elif token.project is not None:
        if token.trust is not None:
            shown["OS-TRUST:trust"] = {
                "id": token.trust["id"],
                "trustor_user": {"id": token.trust["trustor_user_id"]},
                "trustee_user": {"id": token.trust["trustee_user_id"]},
                "impersonation": bool(token.trust["impersonation"]),
            }
        shown["project"] = {"domain": _named(token.project_domain), **_named(token.project)}
        if token.trust is None:
            shown["is_domain"] = bool(token.project["is_domain"])
        shown["roles"] = _roles(token)
    if with_catalog and token.scoped:
        shown["catalog"] = catalog.shown(ctx, row["project_id"])
    providers = catalog.service_providers(ctx)
    if providers:
        shown["service_providers"] = providers
    if row["idp_id"]:
        shown["user"]["OS-FEDERATION"] = {
            "groups": [{"id": each} for each in orjson.loads(row["group_ids"])],
            "identity_provider": {"id": row["idp_id"]},
            "protocol": {"id": row["protocol_id"]},
        }
        del shown["user"]["password_expires_at"]
    if token.access_token is not None:
        shown["OS-OAUTH1"] = {
            "access_token_id": row["access_token_id"],
            "consumer_id": token.access_token["consumer_id"],
        }
    if token.application_credential is not None:
        shown["application_credential"] = _application_credential(token.application_credential)
    return shown


def _person(user: Any, domain: Any) -> dict[str, Any]:
    expires_at = user["password_expires_at"]
    return {
        "domain": _named(domain),
        "id": user["id"],
        "name": user["name"],
        "password_expires_at": expires_at and expires_at[:26],
    }


def _named(row: Any) -> dict[str, Any]:
    return {"id": row["id"], "name": row["name"]}


def _roles(token: Token) -> list[dict[str, Any]]:
    """The roles by id and name; those of a trust with all there is to them (seen on the wire)."""
    if token.trust is None:
        return [_named(role) for role in token.roles]
    return [
        {
            **_named(role),
            "domain_id": role["domain_id"],
            "description": role["description"],
            "options": orjson.loads(role["options"]),
        }
        for role in token.roles
    ]


def _application_credential(row: Any) -> dict[str, Any]:
    shown = {"id": row["id"], "name": row["name"], "restricted": not row["unrestricted"]}
    if row["access_rules"]:
        shown["access_rules"] = orjson.loads(row["access_rules"])
    return shown


# Queries

WITH_EXPIRY = (
    "SELECT u.*, (SELECT p.expires_at FROM identity_passwords p WHERE p.user_id = u.id"
    " ORDER BY p.seq DESC LIMIT 1) AS password_expires_at FROM identity_users u WHERE u.id = ?"
)


def person(ctx: Context, user_id: str) -> Any:
    """Return a user with when the password expires. Missing when there is none."""
    row = ctx.db.one(WITH_EXPIRY, (user_id,))
    if row is None:
        raise Missing(kind="user", id=user_id)
    return row


def _domain(ctx: Context, domain_id: str) -> Any:
    row = ctx.db.one("SELECT * FROM identity_projects WHERE id = ? AND is_domain = 1", (domain_id,))
    if row is None:
        raise Missing(kind="domain", id=domain_id)
    if not row["enabled"]:
        raise Missing(
            f"Unable to validate token because domain {domain_id} is disabled", kind="domain"
        )
    return row


def _project(ctx: Context, project_id: str) -> Any:
    row = ctx.db.get("identity_projects", project_id)
    if row is None:
        raise Missing(kind="project", id=project_id)
    if not row["enabled"]:
        raise Missing(
            f"Unable to validate token because project {project_id} is disabled", kind="project"
        )
    return row


def _forget_old(ctx: Context) -> None:
    """Drop tokens that expired longer ago than anyone may still look at them."""
    limit = iso(ctx.now - settings.number(ctx, "allow_expired_window"))
    ctx.db.execute("DELETE FROM identity_tokens WHERE expires_at < ?", (limit,))


def _acting(ctx: Context, token: Token) -> tuple[Any, Any]:
    """The user a token shows, and the domain: with an impersonating trust that is the trustor."""
    if token.trust is not None and token.trust["impersonation"]:
        return token.trustor, _domain(ctx, token.trustor["domain_id"])
    return token.user, token.user_domain


def find(ctx: Context, token_id: str, *, window_seconds: int = 0) -> Token:
    """Return a token that is valid now, or was within the window. It raises, saying why not."""
    row = ctx.db.get("identity_tokens", token_id)
    if row is None:
        raise NothingThere("Could not recognize Fernet token")
    token = resolve(ctx, row)
    if moment(row["expires_at"]) + window_seconds <= ctx.now:
        raise NothingThere("Failed to validate token")
    if revocations.covers(ctx, token):
        raise NothingThere("Failed to validate token")
    if not token.user["enabled"]:
        raise NothingThere(f"Could not find token: {token_id}.")
    return token


def resolve(ctx: Context, row: Any) -> Token:
    """Look up everybody a token names, and its roles as they are now. Raises when one is gone."""
    user = person(ctx, row["user_id"])
    user_domain = _domain(ctx, user["domain_id"])
    project = project_domain = domain = None
    if row["project_id"]:
        project = _project(ctx, row["project_id"])
        project_domain = _domain(ctx, project["domain_id"] or project["id"])
    elif row["domain_id"]:
        domain = _domain(ctx, row["domain_id"])
    token = Token(row, user, user_domain, [], project, project_domain, domain)
    if row["trust_id"]:
        from emulator.identity import trusts

        return trusts.delegated(ctx, token)
    if row["access_token_id"]:
        from emulator.identity import oauth1

        return oauth1.delegated(ctx, token)
    if row["application_credential_id"]:
        from emulator.identity import application_credentials

        return application_credentials.delegated(ctx, token)
    groups = orjson.loads(row["group_ids"]) if row["group_ids"] else ()
    roles = assignments.roles_in_scope(ctx, row, groups)
    if token.scoped and not roles:
        raise NotAuthenticated()
    return Token(row, user, user_domain, roles, project, project_domain, domain)


def credentials(ctx: Context, token: str) -> Credentials | None:
    """Return who a token stands for, None when it is not valid now.

    Found once, it is remembered until anything in Keystone is written; expiry counts always.
    """
    found = ctx.cloud.token_cache.get(token)
    if found is None:
        try:
            found = _credentials(ctx, find(ctx, token))
        except EmulatorError:
            return None
        if len(ctx.cloud.token_cache) >= CACHE_MAX:
            ctx.cloud.token_cache.clear()
        ctx.cloud.token_cache[token] = found
    elif found.facts["expires"] <= ctx.now:
        return None
    rules = found.facts.get("access_rules")
    if rules is not None and not _allowed(ctx, rules):
        return None
    result: Credentials = found
    return result


def _credentials(ctx: Context, token: Token) -> Credentials:
    row, project, domain = token.row, token.project, token.domain
    who, who_domain = _acting(ctx, token)
    # oslo.policy compares credentials as text, also one that is None: `domain_id:None` is a check.
    facts: dict[str, Any] = {
        "expires": moment(row["expires_at"]),
        "domain_id": row["domain_id"] or "None",
        "token": token,
        "methods": row["methods"].split(","),
        "audit_ids": token.audit_ids,
    }
    if domain is not None:
        facts["token.domain.id"] = domain["id"]
    if project is not None:
        facts["token.project.domain.id"] = project["domain_id"]
    if token.trust is not None:
        facts["trust_id"] = token.trust["id"]
        facts["trustor_id"] = token.trust["trustor_user_id"]
        facts["trustee_id"] = token.trust["trustee_user_id"]
    if token.application_credential is not None:
        facts["application_credential_id"] = token.application_credential["id"]
        facts["restricted"] = not token.application_credential["unrestricted"]
        if token.application_credential["access_rules"]:
            facts["access_rules"] = orjson.loads(token.application_credential["access_rules"])
    return Credentials(
        user_id=who["id"],
        user_name=who["name"],
        user_domain_id=who_domain["id"],
        user_domain_name=who_domain["name"],
        project_id=row["project_id"],
        project_name=project and project["name"],
        project_domain_id=token.project_domain and token.project_domain["id"],
        project_domain_name=token.project_domain and token.project_domain["name"],
        domain_id=row["domain_id"],
        domain_name=domain and domain["name"],
        system=bool(row["system"]),
        roles=frozenset(role["name"].lower() for role in token.roles),
        token=row["id"],
        expires_at=row["expires_at"],
        facts=facts,
    )


def _allowed(ctx: Context, rules: list[Mapping[str, Any]]) -> bool:
    """Say whether the access rules of an application credential let this request through.

    In a rule's path `*` is one segment or a part of it and `**` is anything; {name} is as `*`
    (keystonemiddleware 13.0.1, auth_token).
    """
    service = ctx.service
    if service is None:
        return True
    types = SERVICE_TYPES.get(service.name, (service.name,))
    paths = (ctx.path, service.mount + ctx.path)
    return any(
        rule["service"] in types
        and rule["method"] == ctx.request.method
        and any(_path_matches(rule["path"], path) for path in paths)
        for rule in rules
    )


def _path_matches(pattern: str, path: str) -> bool:
    import re

    pieces = re.split(r"(\*\*|\*|\{[^}]*\})", pattern)
    signs = {"**": ".*", "*": "[^/]+"}
    text = "".join(
        signs.get(each, "[^/]+" if each.startswith("{") else re.escape(each)) for each in pieces
    )
    return re.fullmatch(text, path) is not None


# Operations


def issue(
    ctx: Context,
    user_id: str,
    methods: list[str],
    *,
    expires_at: str | None = None,
    parent_audit_id: str | None = None,
    **scope: Any,
) -> Token:
    """Make a token. `scope` are columns: project_id, domain_id, system, trust_id, and the like.

    NotAuthenticated when the user has no role there.
    """
    if expires_at is None:
        expires_at = iso(ctx.now + ctx.settings.token_expiration_seconds)
    row = {
        "id": _new_id(ctx),
        "user_id": user_id,
        "methods": ",".join(methods),
        "audit_id": base64.urlsafe_b64encode(ctx.ids.octets(16))[:-2].decode(),
        "parent_audit_id": parent_audit_id,
        "issued_at": ctx.timestamp,
        "expires_at": expires_at[:19] + ".000000",
        "revocations_before": revocations.newest(ctx),
        "project_id": None,
        "domain_id": None,
        "system": 0,
        "trust_id": None,
        "application_credential_id": None,
        "access_token_id": None,
        "idp_id": None,
        "protocol_id": None,
        "group_ids": None,
        **scope,
    }
    token = resolve(ctx, row)
    _forget_old(ctx)
    ctx.db.insert("identity_tokens", row)
    return token


def _new_id(ctx: Context) -> str:
    """Return a token's text: it looks like a Fernet one, and only the cloud knows the next."""
    key = settings.secret(ctx)
    salt = ctx.ids.octets(16)
    tail = blake2b(salt + b"0", key=key).digest() + blake2b(salt + b"1", key=key).digest()
    head = b"\x80" + int(ctx.now).to_bytes(8, "big")
    return base64.urlsafe_b64encode(head + tail).rstrip(b"=").decode()


def subject(ctx: Context, *, window_seconds: int = 0) -> Token:
    """Return the token in X-Subject-Token, or raise what Keystone says of it."""
    token_id = ctx.request.headers.get("X-Subject-Token")
    if not token_id:
        raise NothingThere("No token in the request")
    try:
        return find(ctx, token_id, window_seconds=window_seconds)
    except NotAuthenticated:
        raise NothingThere(f"Could not find token: {token_id}.") from None


def _authorized_subject(ctx: Context, rule: str) -> Token:
    """Find the subject token, then ask policy, which may compare its user with the caller."""
    expired = (ctx.query.get("allow_expired") or ["0"])[0].lower() in (
        "1",
        "t",
        "true",
        "on",
        "y",
        "yes",
    )
    window = settings.number(ctx, "allow_expired_window") if expired else 0
    if not ctx.request.headers.get("X-Subject-Token"):
        ctx.authorize(rule, {})
    token = subject(ctx, window_seconds=window)
    ctx.authorize(rule, {"target.token.user_id": token.row["user_id"]})
    return token


def show(ctx: Context) -> Reply:
    """Validate the token in X-Subject-Token and say what it is."""
    rule = "check" if ctx.request.method == "HEAD" else "validate"
    token = _authorized_subject(ctx, f"identity:{rule}_token")
    body = {"token": view(ctx, token, with_catalog="nocatalog" not in ctx.query)}
    return Reply(200, body, {"X-Subject-Token": token.row["id"]})


def revoke(ctx: Context) -> Reply:
    """End the token in X-Subject-Token, and by default all that were made from it."""
    token = _authorized_subject(ctx, "identity:revoke_token")
    cascade = (ctx.query.get("cascade") or ["true"])[0].lower() not in (
        "0",
        "f",
        "false",
        "off",
        "n",
        "no",
    )
    audit_id = token.row["audit_id"]
    revocations.add(ctx, audit_id=audit_id)
    if cascade:
        revocations.add(ctx, audit_chain_id=audit_id)
    return Reply(204)


def revoke_user(ctx: Context, user: Any) -> Reply:
    """End all tokens of a user."""
    revocations.add(ctx, user_id=user["id"])
    return Reply(204)
