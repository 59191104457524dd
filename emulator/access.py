"""How clients are told where the cloud is and who they are, in the forms that clients read."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from emulator.errors import UsageError

if TYPE_CHECKING:
    from openstack.connection import Connection

PASSWORD = "secret"
DOMAIN_ID = "default"
REGION = "RegionOne"
CLEARED = ("OS_CLOUD", "OS_TOKEN", "OS_TENANT_NAME", "OS_TENANT_ID", "OS_PROJECT_ID", "OS_USER_ID")

DEVSTACK_CLOUDS: Mapping[str, tuple[str, str]] = {
    "devstack": ("demo", "demo"),
    "devstack-admin": ("admin", "admin"),
    "devstack-alt": ("demo", "alt_demo"),
}


def variables(url: str, user: str, project: str, password: str = PASSWORD) -> dict[str, str]:
    """Return the OS_* environment variables of a user in a project."""
    return {
        "OS_AUTH_TYPE": "password",
        "OS_AUTH_URL": f"{url}/identity/v3",
        "OS_IDENTITY_API_VERSION": "3",
        "OS_USERNAME": user,
        "OS_PASSWORD": password,
        "OS_USER_DOMAIN_ID": DOMAIN_ID,
        "OS_PROJECT_NAME": project,
        "OS_PROJECT_DOMAIN_ID": DOMAIN_ID,
        "OS_REGION_NAME": REGION,
    }


def shell(values: Mapping[str, str]) -> str:
    """Return export lines: eval "$(openstack-emulator env)"."""
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in values.items())


def openrc(values: Mapping[str, str]) -> str:
    """Return a file to be sourced; it also clears what would win over it."""
    return f"# source this file\nunset {' '.join(CLEARED)}\n{shell(values)}"


def as_json(values: Mapping[str, str]) -> str:
    """Return the variables as one JSON object."""
    return json.dumps(values, indent=2)


def terraform(values: Mapping[str, str]) -> str:
    """Return the provider block of terraform-provider-openstack."""
    arguments = {
        "auth_url": values["OS_AUTH_URL"],
        "user_name": values["OS_USERNAME"],
        "password": values["OS_PASSWORD"],
        "tenant_name": values["OS_PROJECT_NAME"],
        "user_domain_id": values["OS_USER_DOMAIN_ID"],
        "project_domain_id": values["OS_PROJECT_DOMAIN_ID"],
        "region": values["OS_REGION_NAME"],
    }
    lines = [f"  {name:<17} = {json.dumps(value)}" for name, value in arguments.items()]
    return "\n".join(['provider "openstack" {', *lines, "}"])


def clouds(url: str, user: str, project: str, password: str = PASSWORD) -> dict[str, Any]:
    """Return clouds.yaml as a value: `emulator` is the user asked for, the rest as DevStack's."""

    def entry(auth: Mapping[str, str]) -> dict[str, Any]:
        return {"auth": auth, "region_name": REGION, "identity_api_version": "3"}

    def password_of(user: str, secret: str) -> dict[str, str]:
        return {
            "auth_url": f"{url}/identity/v3",
            "username": user,
            "password": secret,
            "user_domain_id": DOMAIN_ID,
        }

    found = {"emulator": (user, project, password)}
    found |= {name: (*who, PASSWORD) for name, who in DEVSTACK_CLOUDS.items()}
    listed = {
        name: entry(
            password_of(who, secret) | {"project_name": where, "project_domain_id": DOMAIN_ID}
        )
        for name, (who, where, secret) in found.items()
    }
    listed["devstack-system-admin"] = entry(
        password_of("admin", PASSWORD) | {"system_scope": "all"}
    )
    return {"clouds": listed}


def clouds_yaml(url: str, user: str, project: str, password: str = PASSWORD) -> str:
    """Return the text of a clouds.yaml."""
    import yaml

    return yaml.safe_dump(clouds(url, user, project, password), sort_keys=False)


def connection(values: Mapping[str, str]) -> Connection:
    """Return an openstacksdk connection by OS_* variables. UsageError without the SDK."""
    try:
        import openstack
    except ModuleNotFoundError:
        raise UsageError("openstacksdk is missing: pip install 'openstack-emulator[sdk]'") from None
    names = {name[3:].lower(): value for name, value in values.items()}
    auth_type, region = names.pop("auth_type"), names.pop("region_name")
    version = names.pop("identity_api_version")
    return openstack.connect(
        load_yaml_config=False,
        load_envvars=False,
        auth_type=auth_type,
        auth=names,
        region_name=region,
        identity_api_version=version,
    )
