"""Logging in: POST /v3/auth/tokens, its methods and its scopes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson

from emulator.errors import EmulatorError
from emulator.identity import assignments, passwords, receipts, settings, tokens
from emulator.identity.errors import (
    INSIDE,
    FailedLogin,
    Invalid,
    Missing,
    NotAuthenticated,
    NotAuthorized,
    NotExpected,
    PasswordExpired,
    UnsupportedMethod,
)
from emulator.simulation.clock import iso, moment
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Object, prop

# Schemas

TEXT = {"type": "string"}
NAMED = Object(prop("id", TEXT), prop("name", TEXT), unknown=True)
USER = Object(
    prop("id", TEXT),
    prop("name", TEXT),
    prop("password", TEXT),
    prop("domain", NAMED),
    unknown=True,
)
SCOPE = {
    "type": ["object", "string"],
    "properties": {
        "project": Object(
            prop("name", TEXT), prop("id", TEXT), prop("domain", NAMED), unknown=True
        ),
        "domain": NAMED,
        "OS-TRUST:trust": Object(prop("id", TEXT), unknown=True),
        "system": Object(prop("all", {"type": "boolean", "enum": [True, False]}), unknown=True),
    },
}
IDENTITY = Object(
    prop("methods", {"type": "array", "items": TEXT}, required=True),
    prop("password", Object(prop("user", USER), unknown=True)),
    prop("token", Object(prop("id", TEXT, required=True), unknown=True)),
    unknown=True,
)
AUTH = Body(
    schema=Object(prop("identity", IDENTITY, required=True), prop("scope", SCOPE), unknown=True)
)
METHODS = (
    "external",
    "password",
    "token",
    "oauth1",
    "mapped",
    "application_credential",
    "ec2credential",
)
NO_TOKEN_FROM = {  # why a token is no proof for another (Keystone 30.0.0, auth.plugins.token)
    "oauth1": "Using OAuth-scoped token to create another token."
    " Create a new OAuth-scoped token instead",
    "trust": "Using trust-scoped token to create another token."
    " Create a new trust-scoped token instead",
    "system": "Using a system-scoped token to create a project-scoped or domain-scoped token is"
    " not allowed.",
    "delegated": "Using a delegated token to create another token is not allowed.",
}


@dataclass
class Proof:
    """What the methods of a login have shown: whose it is, and what it is bound to."""

    user_id: str | None = None
    methods: list[str] = field(default_factory=list)
    expires_at: str | None = None
    parent_audit_id: str | None = None
    asked: dict[str, Any] = field(default_factory=dict)  # the scope asked for, as columns
    scope: dict[str, Any] = field(default_factory=dict)  # columns of the token that are given

    def belongs_to(self, user_id: str) -> None:
        """Note whose the login is; several methods must agree."""
        if self.user_id not in (None, user_id):
            raise NotAuthenticated()
        self.user_id = user_id


# Queries


def _named(ctx: Context, table: str, given: Any, domain_id: str | None) -> Any:
    """The row a login names by id, or by name in a domain."""
    if "id" in given and "name" not in given:
        return ctx.db.get(table, given["id"])
    return ctx.db.one(
        f"SELECT * FROM {table} WHERE name = ? AND ifnull(domain_id, '') = ?",
        (given["name"], domain_id or ""),
    )


def _failed(ctx: Context, user_id: str, count: int) -> None:
    ctx.db.update("identity_users", user_id, failed_auth_count=count, failed_auth_at=ctx.timestamp)


def _succeeded(ctx: Context, user: Any) -> None:
    changes: dict[str, Any] = {}
    if user["failed_auth_count"]:
        changes.update(failed_auth_count=0, failed_auth_at=None)
    if settings.number(ctx, "disable_user_account_days_inactive"):
        changes["last_active_at"] = ctx.timestamp
    if changes:
        ctx.db.update("identity_users", user["id"], **changes)


# Operations


def login(ctx: Context) -> Reply:
    """Issue a token to whoever proves to be a user."""
    auth = (ctx.body or {}).get("auth")
    if auth is None:
        raise NotExpected(attribute="auth", target="request body")
    _check_form(ctx, auth)
    methods = list(dict.fromkeys(auth["identity"]["methods"]))
    for name in methods:
        if name not in auth["identity"]:
            raise NotExpected(attribute=name, target="identity")
    if any(name not in METHODS for name in methods):
        raise UnsupportedMethod(identity={"methods": list(METHODS)})
    try:
        proof = prove(ctx, auth, methods)
    except Missing as error:
        raise _unless_trust(error) from None
    lacking = _lacking(ctx, proof)
    if lacking:
        return receipts.refusal(ctx, str(proof.user_id), proof.methods, lacking)
    token = authenticate(ctx, auth, proof)
    shown = tokens.view(ctx, token, with_catalog="nocatalog" not in ctx.query)
    return Reply(201, {"token": shown}, {"X-Subject-Token": token.row["id"]})


def prove(ctx: Context, auth: Any, methods: list[str]) -> Proof:
    """Check the proofs of a login, and count what an earlier one showed."""
    if "application_credential" in methods and "scope" in auth:
        raise _not_with_application_credential()
    proof = Proof(asked={} if "application_credential" in methods else _scope(ctx, auth))
    for name in methods:
        proof.methods.insert(0, name)
        PROOFS[name](ctx, auth["identity"][name], proof)
    if proof.user_id is None:
        raise NotAuthenticated()
    proof.methods.extend(receipts.methods(ctx, proof.user_id))
    proof.methods = list(dict.fromkeys(proof.methods))
    return proof


def authenticate(ctx: Context, auth: Any, proof: Proof) -> tokens.Token:
    """Find the scope of a proven login, make the token."""
    user_id, scope = str(proof.user_id), proof.asked
    if not scope and not proof.scope and "scope" not in auth:
        scope = _default_scope(ctx, user_id)
    scope.pop("unscoped", None)
    trust_id = scope.get("trust_id")
    try:
        token = tokens.issue(
            ctx,
            user_id,
            proof.methods,
            expires_at=proof.expires_at,
            parent_audit_id=proof.parent_audit_id,
            **{**scope, **proof.scope},
        )
    except Missing as error:
        raise _unless_trust(error) from None
    if trust_id is not None:
        from emulator.identity import trusts

        trusts.consume(ctx, trust_id)
    return token


def _unless_trust(error: Missing) -> EmulatorError:
    """What is missing is told to who logs in, unless it is a trust."""
    return NotAuthenticated() if error.facts.get("kind") == "trust" else error


def _not_with_application_credential() -> EmulatorError:
    return NotAuthenticated(
        "Error authenticating with application credential: Application credentials cannot request"
        " a scope.",
        identity={},
    )


def _check_form(ctx: Context, auth: Any) -> None:
    """Check what the schema says of a login, then that things are named by id or by name."""
    INSIDE.check_body(AUTH.at(ctx.version), auth)
    user = auth["identity"].get("password", {}).get("user")
    scope = auth.get("scope")
    scope = scope if isinstance(scope, dict) else {}
    project = scope.get("project")
    for where, given in (
        ("identity/password/user", user),
        ("identity/password/user/domain", (user or {}).get("domain")),
        ("scope/project", project),
        ("scope/project/domain", (project or {}).get("domain")),
        ("scope/domain", scope.get("domain")),
    ):
        if given is not None and "id" not in given and "name" not in given:
            raise Invalid(f"Invalid input for field {where}: id or name must be present.")


# The scope


def _scope(ctx: Context, auth: Any) -> dict[str, Any]:
    """Return the scope asked for as columns of a token; {} when none was named."""
    given = auth.get("scope")
    if given is None:
        return {}
    kinds = ("project", "domain", "unscoped", "system", "OS-TRUST:trust")
    named = [kind for kind in kinds if kind in given]
    if len(named) != 1:
        raise NotExpected(
            attribute="system, project, domain, OS-TRUST:trust or unscoped", target="scope"
        )
    kind = named[0]
    if kind == "unscoped":
        return {"unscoped": True}
    if kind == "system":
        return {"system": 1}
    if kind == "domain":
        return {"domain_id": _domain(ctx, given["domain"])["id"]}
    if kind == "project":
        return {"project_id": _project(ctx, given["project"])["id"]}
    from emulator.identity import trusts

    return trusts.scope(ctx, given["OS-TRUST:trust"])


def _domain(ctx: Context, given: Any) -> Any:
    row = _named(ctx, "identity_projects", given, None)
    if row is None or not row["is_domain"] or not row["enabled"]:
        raise NotAuthenticated()
    return row


def _project(ctx: Context, given: Any) -> Any:
    if "name" in given:
        if "domain" not in given:
            raise NotExpected(attribute="domain", target="project")
        row = _named(ctx, "identity_projects", given, _domain(ctx, given["domain"])["id"])
    else:
        row = ctx.db.get("identity_projects", given["id"])
        if row is not None and row["domain_id"]:
            _domain(ctx, {"id": row["domain_id"]})
    if row is None or not row["domain_id"] or not row["enabled"]:
        raise NotAuthenticated()
    return row


def _default_scope(ctx: Context, user_id: str) -> dict[str, Any]:
    """Return the user's default project, where it is enabled and the user has a role in it."""
    user = ctx.db.get("identity_users", user_id)
    project_id = user and user["default_project_id"]
    if not project_id:
        return {}
    project = ctx.db.get("identity_projects", project_id)
    if project is None or not project["enabled"] or not project["domain_id"]:
        return {}
    if not ctx.db.get("identity_projects", project["domain_id"])["enabled"]:
        return {}
    if not assignments.effective(ctx, user_id, "project", project_id):
        return {}
    return {"project_id": project_id}


def _lacking(ctx: Context, proof: Proof) -> list[list[str]]:
    """Return the user's own rules when the login has shown too few methods for all of them."""
    user = ctx.db.get("identity_users", proof.user_id)
    options = orjson.loads(user["options"]) if user else {}
    rules = receipts.required(options.get("multi_factor_auth_rules"), METHODS)
    if options.get("multi_factor_auth_enabled") is False:
        return []
    return [] if any(set(rule) <= set(proof.methods) for rule in rules) else rules


# The methods


def _by_password(ctx: Context, given: Any, proof: Proof) -> None:
    if "user" not in given:
        raise NotExpected(attribute="user", target=None)
    user = named_user(ctx, given["user"])
    check_password(ctx, user, given["user"].get("password", ""))
    proof.belongs_to(user["id"])


def named_user(ctx: Context, given: Any) -> Any:
    """Return the user a login names; NotAuthenticated unless it is there and enabled."""
    domain_id = None
    if "name" in given:
        if "domain" not in given:
            raise NotExpected(attribute="domain", target="user")
        domain_id = _domain(ctx, given["domain"])["id"]
    elif "id" not in given:
        raise NotExpected(attribute="id or name", target="user")
    user = _named(ctx, "identity_users", given, domain_id)
    if user is None:
        raise NotAuthenticated()
    _domain(ctx, {"id": user["domain_id"]})
    return user


def check_password(ctx: Context, user: Any, password: str, *, may_be_expired: bool = False) -> None:
    """Raise unless the password is right, the account open, and the password not too old."""
    options = orjson.loads(user["options"])
    if _is_locked(ctx, user, options):
        raise NotAuthenticated()
    row = passwords.current(ctx, user["id"])
    if row is None or not passwords.matches(password, row["hash"]):
        _failed(ctx, user["id"], user["failed_auth_count"] + 1)
        raise FailedLogin()
    if not user["enabled"] or _is_inactive(ctx, user, options):
        raise NotAuthenticated()
    expires_at = row["expires_at"]
    if expires_at and moment(expires_at) <= ctx.now and not may_be_expired:
        raise PasswordExpired(user_id=user["id"])
    _succeeded(ctx, user)


def _is_locked(ctx: Context, user: Any, options: Any) -> bool:
    """Say whether too many wrong passwords closed the account for now."""
    attempts = settings.number(ctx, "lockout_failure_attempts")
    if not attempts or options.get("ignore_lockout_failure_attempts"):
        return False
    if user["failed_auth_count"] < attempts:
        return False
    until = moment(user["failed_auth_at"]) + settings.number(ctx, "lockout_duration")
    return ctx.now <= until


def _is_inactive(ctx: Context, user: Any, options: Any) -> bool:
    """Say whether nobody used the account for longer than the deployment allows."""
    days = settings.number(ctx, "disable_user_account_days_inactive")
    if not days or options.get("ignore_user_inactivity"):
        return False
    last = user["last_active_at"] or user["created_at"]
    return bool(last < iso(ctx.now - days * 86400))


def _by_token(ctx: Context, given: Any, proof: Proof) -> None:
    """A token for another scope lives no longer than the one it is made from."""
    token = tokens.find(ctx, given["id"])
    row = token.row
    asked = (ctx.body["auth"].get("scope") or {}) if isinstance(ctx.body, dict) else {}
    for holds, reason in (
        (row["access_token_id"], NO_TOKEN_FROM["oauth1"]),
        (row["trust_id"], NO_TOKEN_FROM["trust"]),
        (row["system"] and ("project" in asked or "domain" in asked), NO_TOKEN_FROM["system"]),
        (row["application_credential_id"], NO_TOKEN_FROM["delegated"]),
    ):
        if holds:
            raise NotAuthorized(rule=reason)
    proof.belongs_to(row["user_id"])
    proof.methods.extend(row["methods"].split(","))
    proof.expires_at = row["expires_at"]
    proof.parent_audit_id = token.audit_ids[-1]


def _by_application_credential(ctx: Context, given: Any, proof: Proof) -> None:
    from emulator.identity import application_credentials

    row = application_credentials.proven(ctx, given)
    proof.belongs_to(row["user_id"])
    proof.scope = {
        "project_id": row["project_id"],
        "application_credential_id": row["id"],
    }
    proof.expires_at = application_credentials.token_expiry(ctx, row)


def _by_nothing_here(ctx: Context, given: Any, proof: Proof) -> None:
    """External and mapped logins come through a web server in front of Keystone; there is none."""
    raise NotAuthenticated()


def _by_oauth1(ctx: Context, given: Any, proof: Proof) -> None:
    from emulator.identity import oauth1

    access = oauth1.proven(ctx)
    proof.belongs_to(access["authorizing_user_id"])
    proof.scope = {"project_id": access["project_id"], "access_token_id": access["id"]}


PROOFS = {
    "external": _by_nothing_here,
    "mapped": _by_nothing_here,
    "ec2credential": _by_nothing_here,
    "password": _by_password,
    "token": _by_token,
    "oauth1": _by_oauth1,
    "application_credential": _by_application_credential,
}
