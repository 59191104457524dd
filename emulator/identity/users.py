"""Users."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from emulator.identity import (
    assignments,
    authentication,
    federated_users,
    listing,
    passwords,
    projects,
    revocations,
    settings,
)
from emulator.identity.attributes import extra, is_true, options
from emulator.identity.errors import (
    INSIDE,
    Duplicate,
    Invalid,
    Missing,
    NotAuthenticated,
    PasswordInvalid,
)
from emulator.identity.schemas import (
    ID,
    NAME,
    OPTION,
    PAGING,
    SORTING,
    SWITCH,
    TEXT,
    TEXT_OR_NULL,
    extensible,
)
from emulator.simulation.clock import iso, moment
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Object, Query, prop

# Schemas

RULES = {
    "type": ["array", "null"],
    "items": {"type": "array", "items": TEXT, "minItems": 1, "uniqueItems": True},
    "uniqueItems": True,
}
OPTIONS = Object(
    prop("ignore_change_password_upon_first_use", OPTION),
    prop("ignore_password_expiry", OPTION),
    prop("ignore_lockout_failure_attempts", OPTION),
    prop("lock_password", OPTION),
    prop("ignore_user_inactivity", OPTION),
    prop("multi_factor_auth_rules", RULES),
    prop("multi_factor_auth_enabled", OPTION),
)
LIST = Query(
    prop("domain_id", ID),
    prop("enabled", SWITCH),
    prop("idp_id", TEXT),
    prop("name", NAME),
    prop("password_expires_at", TEXT),
    prop("protocol_id", TEXT),
    prop("unique_id", TEXT),
    *PAGING,
    *SORTING,
)
CREATE = extensible(
    "user",
    prop("domain_id", ID),
    prop("default_project_id", TEXT_OR_NULL),
    prop("description", TEXT_OR_NULL),
    prop("enabled", SWITCH),
    prop("federated", federated_users.SCHEMA),
    prop("name", NAME, required=True),
    prop("password", TEXT_OR_NULL),
    prop("options", OPTIONS),
)
UPDATE = extensible(
    "user",
    prop("default_project_id", TEXT_OR_NULL),
    prop("description", TEXT_OR_NULL),
    prop("domain_id", ID),
    prop("enabled", SWITCH),
    prop("federated", federated_users.SCHEMA),
    prop("name", NAME),
    prop("password", TEXT_OR_NULL),
    prop("options", OPTIONS),
    minProperties=1,
)
CHANGE = Body(
    schema=Object(
        prop("original_password", TEXT, required=True), prop("password", TEXT, required=True)
    )
)
PASSWORD = Body(schema=Object(prop("user", Object(unknown=True)), unknown=True))
NOT_EXTRA = (
    "id",
    "name",
    "domain_id",
    "enabled",
    "default_project_id",
    "options",
    "password",
    "original_password",
    "password_expires_at",
    "federated",
    "links",
    "extra",
)
OPERATORS = {"eq": "=", "neq": "!=", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}

# View


def views(ctx: Context, rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Return users as they are shown."""
    expiries = passwords.expiries(ctx, [row["id"] for row in rows])
    return [_view(ctx, row, expiries.get(row["id"])) for row in rows]


def _view(ctx: Context, row: Any, expires_at: str | None) -> dict[str, Any]:
    shown = {
        **orjson.loads(row["extra"]),
        "id": row["id"],
        "name": row["name"],
        "domain_id": row["domain_id"],
        "enabled": bool(row["enabled"]),
        "password_expires_at": expires_at and expires_at[:26],
        "options": orjson.loads(row["options"]),
        "links": {"self": listing.link(ctx, "users", row["id"])},
    }
    if row["default_project_id"]:
        shown["default_project_id"] = row["default_project_id"]
    return shown


def target(row: Any) -> Mapping[str, Any]:
    """Return what policy rules compare with."""
    return {"target.user.id": row["id"], "target.user.domain_id": row["domain_id"]}


# Queries


def get(ctx: Context, user_id: str) -> Any:
    """Return a user, None when there is none of this id."""
    return ctx.db.get("identity_users", user_id)


def find(ctx: Context, user_id: str) -> Any:
    """Return a user. Missing when there is none."""
    row = get(ctx, user_id)
    if row is None:
        raise Missing(kind="user", id=user_id)
    return row


def _expiry_condition(given: str) -> tuple[str, str]:
    """The SQL for password_expires_at=OPERATOR:TIME."""
    sign, colon, text = given.partition(":")
    if not colon or "-" in sign:
        sign, text = "eq", given
    if sign not in OPERATORS:
        raise Invalid(
            f"The given operator {sign} is not valid. It must be one of the following:"
            " 'eq', 'neq', 'lt', 'lte', 'gt', or 'gte'."
        )
    try:
        when = iso(moment(text.removesuffix("Z")))
    except ValueError:
        raise Invalid(
            "Timestamp not in expected format. The server could not comply with the request since"
            " it is either malformed or otherwise incorrect. The client is assumed to be in error."
        ) from None
    inner = f"SELECT user_id FROM identity_passwords WHERE expires_at {OPERATORS[sign]} ?"
    return f"id IN ({inner})", when


def _store(ctx: Context, row: dict[str, Any]) -> None:
    is_new = get(ctx, row["id"]) is None
    try:
        if is_new:
            ctx.db.insert("identity_users", row)
        else:
            changes = {name: value for name, value in row.items() if name != "id"}
            ctx.db.update("identity_users", row["id"], **changes)
    except sqlite3.IntegrityError:
        details = f"Duplicate entry found with name {row['name']}"
        if is_new:  # a change does not say where
            details += f" at domain ID {row['domain_id']}"
        raise Duplicate(kind="user", details=details) from None


def remove(ctx: Context, row: Any) -> None:
    """Delete a user with all that is theirs, tokens included."""
    user_id = row["id"]
    for table in (
        "passwords",
        "federated_users",
        "memberships",
        "credentials",
        "application_credentials",
        "access_rules",
    ):
        ctx.db.delete(f"identity_{table}", user_id, "user_id")
    for column in ("trustor_user_id", "trustee_user_id"):
        ctx.db.update("identity_trusts", user_id, column, deleted_at=ctx.timestamp)
    for table in ("request_tokens", "access_tokens"):
        ctx.db.delete(f"identity_{table}", user_id, "authorizing_user_id")
    assignments.drop(ctx, actor="user", actor_id=user_id)
    ctx.db.delete("identity_users", user_id)
    revocations.add(ctx, user_id=user_id)


# Operations


def index(ctx: Context, query: Any) -> dict[str, Any]:
    """List users; a token of a domain sees that domain's."""
    own = ctx.credentials.domain_id
    ctx.authorize("identity:list_users", {"target.domain_id": own} if own else {})
    where, values = listing.conditions(ctx, ("domain_id", "name"), ("enabled",))
    expiry = listing.first(ctx, "password_expires_at")
    if expiry is not None:
        condition, when = _expiry_condition(expiry)
        where.append(condition)
        values.append(when)
    more_where, more_values = federated_users.conditions(ctx)
    where, values = where + more_where, values + more_values
    if own:
        where.append("domain_id = ?")
        values.append(own)
    rows, cut = listing.page(ctx, "identity_users", where, values)
    return listing.collection(ctx, "users", views(ctx, rows), cut=cut)


def show(ctx: Context, user: Any) -> dict[str, Any]:
    """Show a user."""
    shown = views(ctx, [user])[0]
    federated = federated_users.shown(ctx, user["id"])
    if federated:
        shown["federated"] = federated
    return {"user": shown}


def create(ctx: Context, body: Any) -> dict[str, Any]:
    """Make a user."""
    given = body["user"]
    target = {f"target.user.{name}": value for name, value in given.items()}
    ctx.authorize("identity:create_user", target)
    domain_id = given.get("domain_id") or ctx.credentials.domain_id or "default"
    password = given.get("password")
    if password is not None:
        passwords.check_length(password)
        passwords.check_new(ctx, None, password)
    domain = projects.get(ctx, domain_id)
    if domain is None or not domain["is_domain"]:
        raise Missing(kind="domain", id=domain_id)
    _check_default_project(ctx, given)
    row = {
        "id": ctx.ids.hex(),
        "name": given["name"].strip(),
        "domain_id": domain_id,
        "enabled": int(is_true(given.get("enabled", True))),
        "default_project_id": given.get("default_project_id"),
        "options": options(given),
        "extra": extra(given, NOT_EXTRA),
        "created_at": ctx.timestamp,
    }
    federated_users.check(ctx, given.get("federated"))
    _store(ctx, row)
    _put_password(ctx, row, password)
    federated_users.put(ctx, row, given.get("federated"))
    return show(ctx, row)


def _put_password(ctx: Context, row: Any, password: str | None) -> None:
    chosen = orjson.loads(row["options"])
    first = settings.number(ctx, "change_password_upon_first_use")
    passwords.put(
        ctx,
        row["id"],
        password,
        exempt_from_expiry=bool(chosen.get("ignore_password_expiry")),
        change_on_first_use=bool(first) and not chosen.get("ignore_change_password_upon_first_use"),
    )


def _check_default_project(ctx: Context, given: Any) -> None:
    project_id = given.get("default_project_id")
    project = projects.get(ctx, project_id) if project_id else None
    if project is not None and project["is_domain"]:
        raise Invalid(f"User's default project ID cannot be a domain ID: {project_id}")


def update(ctx: Context, user: Any, body: Any) -> dict[str, Any]:
    """Change a user; a new password, or disabling, ends the user's tokens."""
    given = body["user"]
    listing.must_match(given, user["id"])
    if "domain_id" in given and given["domain_id"] != user["domain_id"]:
        raise Invalid("Cannot change Domain ID")
    password = given.get("password")
    if password is not None:
        passwords.check_length(password)
        passwords.check_new(ctx, None, password)
    _check_default_project(ctx, given)
    enabled = is_true(given.get("enabled", bool(user["enabled"])))
    changed = {
        **dict(user),
        "name": given.get("name", user["name"]).strip(),
        "enabled": int(enabled),
        "default_project_id": given.get("default_project_id", user["default_project_id"]),
        "options": options(given, user),
        "extra": extra(given, NOT_EXTRA, user),
    }
    if given.get("enabled") is not None and enabled:
        changed.update(failed_auth_count=0, failed_auth_at=None, last_active_at=ctx.timestamp)
    _store(ctx, changed)
    if "password" in given:
        _put_password(ctx, changed, password)
    if given.get("federated") is not None:
        federated_users.check(ctx, given["federated"])
        federated_users.put(ctx, changed, given["federated"])
    if password is not None or (user["enabled"] and not enabled):
        revocations.add(ctx, user_id=user["id"])
    shown = show(ctx, changed)
    shown["user"]["extra"] = orjson.loads(changed["extra"])
    return shown


def delete(ctx: Context, user: Any) -> Reply:
    """Delete a user."""
    remove(ctx, user)
    return Reply(204)


def change_password(ctx: Context, user_id: str, body: Any) -> Reply:
    """Let users change their own password, proving that they know it; no token is asked for."""
    given = body.get("user", {})
    INSIDE.check_body(CHANGE.at(ctx.version), given)
    user = get(ctx, user_id)
    if user is None:
        raise NotAuthenticated()
    authentication.check_password(ctx, user, given["original_password"], may_be_expired=True)
    password = given["password"]
    passwords.check_length(password)
    if orjson.loads(user["options"]).get("lock_password"):
        raise PasswordInvalid(
            "You cannot change your password at this time due to password policy disallowing"
            " password changes. Please contact your administrator to reset your password."
        )
    passwords.check_age(ctx, passwords.current(ctx, user_id))
    passwords.check_new(ctx, user_id, password)
    exempt = bool(orjson.loads(user["options"]).get("ignore_password_expiry"))
    passwords.put(ctx, user_id, password, self_service=True, exempt_from_expiry=exempt)
    revocations.add(ctx, user_id=user_id)
    return Reply(204)


def projects_of(ctx: Context, user: Any) -> dict[str, Any]:
    """List the projects in which a user has a role."""
    found = assignments.scopes_of(
        ctx, user["id"], assignments.groups_of(ctx, user["id"]), "project"
    )
    rows = [row for row in listing.by_ids(ctx, "identity_projects", found) if _wanted(ctx, row)]
    return listing.collection(ctx, "projects", projects.views(ctx, rows))


def _wanted(ctx: Context, row: Any) -> bool:
    """Say whether a row is what the filters domain_id, enabled and name ask for."""
    for name in ("domain_id", "name"):
        if name in ctx.query and ctx.query[name][0] != row[name]:
            return False
    enabled = listing.first(ctx, "enabled")
    return enabled is None or listing.as_boolean(enabled) == row["enabled"]
