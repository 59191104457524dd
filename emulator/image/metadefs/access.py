"""Who sees a namespace, and who may do what in it."""

from __future__ import annotations

from typing import Any

from emulator.image.errors import Hidden, ImageForbidden
from emulator.image.metadefs import queries
from emulator.image.metadefs.errors import (
    NamespaceNotFound,
    NamespaceOfItemNotFound,
    ProtectedNamespace,
)
from emulator.wire.request import Context


def find(ctx: Context, name: str) -> Any:
    """Return a namespace that the caller may see.

    NamespaceNotFound when there is none, NamespaceOfItemNotFound when it is somebody else's.
    """
    row = queries.namespace(ctx, name)
    if row is None:
        raise NamespaceNotFound(namespace=name)
    project_id = ctx.credentials.project_id
    if not (ctx.is_admin or row["visibility"] == "public" or row["owner"] == project_id):
        raise NamespaceOfItemNotFound(namespace=name)
    return row


def find_plainly(ctx: Context, name: str) -> Any:
    """Return a namespace that the caller may see, NamespaceOfItemNotFound for whatever reason."""
    try:
        return find(ctx, name)
    except NamespaceNotFound:
        raise NamespaceOfItemNotFound(namespace=name) from None


def require(ctx: Context, rule: str, namespace: Any = None) -> None:
    """Refuse unless a rule allows it: as Hidden to who may not see the namespace.

    Glance 33.0.0, api.v2.policy.MetadefAPIPolicy.
    """
    target: dict[str, Any] = {"project_id": ctx.credentials.project_id}
    if namespace is not None:
        target = {"project_id": namespace["owner"], "visibility": namespace["visibility"]}
    if not ctx.can(rule, target):
        seeing = "get_metadef_namespace"
        if rule == seeing or not ctx.can(seeing, target):
            raise Hidden()
        raise ImageForbidden(rule=rule)


def can_see(ctx: Context, namespace: Any, rule: str) -> bool:
    """Say whether a rule lets the caller see what is in a namespace."""
    target = {"project_id": namespace["owner"], "visibility": namespace["visibility"]}
    return ctx.can(rule, target)


def require_unprotected(namespace: Any) -> None:
    """Refuse to delete a protected namespace, or all of one kind in it."""
    if namespace["protected"]:
        raise ProtectedNamespace(namespace=namespace["namespace"])
