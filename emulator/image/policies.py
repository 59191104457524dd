"""Glance's policy rules (Glance 33.0.0, glance.policies): rule name → check.

All are for tokens of a project: oslo.policy's scope_types, which Glance enforces by default, since
2023.1. Until zed its rules let everyone do what he does with his own; that the emulator asks rules
for that, too, where Glance has it in other layers, shows in former_policies.json.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from emulator import former_policies
from emulator.policy import Caller, Check, Target

ADMIN = "rule:context_is_admin"
OWN = f"{ADMIN} or (role:member and project_id:%(project_id)s)"
SEEN = (
    "(project_id:%(project_id)s or project_id:%(member_id)s or 'community':%(visibility)s"
    " or 'public':%(visibility)s or 'shared':%(visibility)s)"
)
MEMBERSHIP = f"{ADMIN} or role:reader and (project_id:%(project_id)s or project_id:%(member_id)s)"
DEFINITION = f"{ADMIN} or (role:reader and (project_id:%(project_id)s or 'public':%(visibility)s))"
METADEF_ADMIN = "rule:metadef_admin"

# What other rules are made of: these hold for tokens of any scope.
PARTS = frozenset(
    {"default", "context_is_admin", "service_api", "metadef_default", "metadef_admin"}
)

CHECKS: Mapping[str, str] = {
    "default": "",
    "context_is_admin": "role:admin",
    "service_api": "role:service or role:admin",
    "add_image": (
        f"{ADMIN} or (role:member and project_id:%(project_id)s and project_id:%(owner)s)"
    ),
    "delete_image": OWN,
    "get_image": f"{ADMIN} or (role:reader and {SEEN})",
    "get_images": f"{ADMIN} or (role:reader and project_id:%(project_id)s)",
    "modify_image": OWN,
    "publicize_image": ADMIN,
    "communitize_image": OWN,
    "download_image": f"{ADMIN} or (role:member and {SEEN})",
    "download_from_store": f"{ADMIN} or (role:member and {SEEN})",
    "upload_image": OWN,
    "delete_image_location": ADMIN,
    "get_image_location": f"{ADMIN} or (role:reader and project_id:%(project_id)s)",
    "set_image_location": OWN,
    "add_image_location": (
        "rule:service_api or (role:member and project_id:%(project_id)s and project_id:%(owner)s)"
    ),
    "fetch_image_location": "rule:service_api",
    "add_member": OWN,
    "delete_member": OWN,
    "get_member": MEMBERSHIP,
    "get_members": MEMBERSHIP,
    "modify_member": f"{ADMIN} or (role:member and project_id:%(member_id)s)",
    "manage_image_cache": ADMIN,
    "deactivate": OWN,
    "reactivate": OWN,
    "copy_image": ADMIN,
    "list_cached_nodes": ADMIN,
    "get_task": "rule:default",
    "get_tasks": "rule:default",
    "add_task": "rule:default",
    "modify_task": "rule:default",
    "tasks_api_access": ADMIN,
    "metadef_default": "",
    "metadef_admin": ADMIN,
    "get_metadef_namespace": DEFINITION,
    "get_metadef_namespaces": f"{ADMIN} or (role:reader and project_id:%(project_id)s)",
    "modify_metadef_namespace": METADEF_ADMIN,
    "add_metadef_namespace": METADEF_ADMIN,
    "delete_metadef_namespace": METADEF_ADMIN,
    "get_metadef_object": DEFINITION,
    "get_metadef_objects": DEFINITION,
    "modify_metadef_object": METADEF_ADMIN,
    "add_metadef_object": METADEF_ADMIN,
    "delete_metadef_object": METADEF_ADMIN,
    "list_metadef_resource_types": DEFINITION,
    "get_metadef_resource_type": DEFINITION,
    "add_metadef_resource_type_association": METADEF_ADMIN,
    "remove_metadef_resource_type_association": METADEF_ADMIN,
    "get_metadef_property": DEFINITION,
    "get_metadef_properties": DEFINITION,
    "modify_metadef_property": METADEF_ADMIN,
    "add_metadef_property": METADEF_ADMIN,
    "remove_metadef_property": METADEF_ADMIN,
    "get_metadef_tag": DEFINITION,
    "get_metadef_tags": DEFINITION,
    "modify_metadef_tag": METADEF_ADMIN,
    "add_metadef_tag": METADEF_ADMIN,
    "add_metadef_tags": METADEF_ADMIN,
    "delete_metadef_tag": METADEF_ADMIN,
    "delete_metadef_tags": METADEF_ADMIN,
    "cache_image": ADMIN,
    "cache_list": ADMIN,
    "cache_delete": ADMIN,
    "cache_clean": ADMIN,
    "cache_prune": ADMIN,
    "stores_info_detail": f"{ADMIN} or rule:service_api",
}


def _scoped(rule: str, check: str) -> str:
    return check if rule in PARTS else f"scope:project and ({check})"


def scope_kind(match: str) -> Check:
    """Return the check that a token is for a project, not for the system or a domain."""

    def check(caller: Caller, target: Target) -> bool:
        is_domain = caller.policy_value("domain_id") not in (None, "None")
        return caller.policy_value("system_scope") is None and not is_domain

    return check


POLICIES: Mapping[str, str] = {rule: _scoped(rule, check) for rule, check in CHECKS.items()}
policies_in = partial(
    former_policies.of_scoped, "image", since="2023.1", checks=CHECKS, scoped=_scoped
)
"""policies_in(release) → the rules whose default was another one; scopes hold since 2023.1."""
