"""Placement's table of contents: every operation, one row each."""

from collections.abc import Mapping
from typing import Any

from emulator.placement import (
    aggregates,
    candidates,
    consumer_allocations,
    inventories,
    providers,
    reshaper,
    resource_classes,
    root,
    traits,
    usages,
)
from emulator.wire.operation import Operation, load, op

DOCUMENTS: tuple[Operation, ...] = (
    op("GET", "", root.home, open=True),
    op("GET", "/", root.home, open=True),
)

PROVIDERS = "/resource_providers"
ONE = "/resource_providers/{provider_uuid}"
RULE = "placement:"
OF = "placement:resource_providers:"


def nobodys(row: Any) -> Mapping[str, Any]:
    """Return the target of rules about what belongs to no project."""
    return {}


PROVIDER = load("provider", providers.find, replaces="provider_uuid", target=nobodys)
CONSUMER = load(
    "consumer", consumer_allocations.check_consumer, replaces="consumer_uuid", target=nobodys
)

OPERATIONS: tuple[Operation, ...] = (
    op("GET", "/resource_classes", resource_classes.index, policy=f"{RULE}resource_classes:list", since="1.2"),
    op("POST", "/resource_classes", resource_classes.create, status=201, body=resource_classes.NAMED, policy=f"{RULE}resource_classes:create", since="1.2"),
    op("GET", "/resource_classes/{name}", resource_classes.show, policy=f"{RULE}resource_classes:show", since="1.2"),
    op("PUT", "/resource_classes/{name}", resource_classes.update, body=resource_classes.NAMED, policy=f"{RULE}resource_classes:update", since="1.2", until="1.6"),
    op("PUT", "/resource_classes/{name}", resource_classes.ensure, status=201, policy=f"{RULE}resource_classes:update", since="1.7"),
    op("DELETE", "/resource_classes/{name}", resource_classes.delete, status=204, policy=f"{RULE}resource_classes:delete", since="1.2"),

    op("GET", PROVIDERS, providers.index, query=providers.LIST, policy=f"{OF}list"),
    op("POST", PROVIDERS, providers.create, body=providers.CREATE, policy=f"{OF}create"),
    op("GET", ONE, providers.show, policy=f"{OF}show", load=PROVIDER),
    op("DELETE", ONE, providers.delete, status=204, policy=f"{OF}delete"),
    op("PUT", ONE, providers.update, body=providers.UPDATE, policy=f"{OF}update", load=PROVIDER),

    op("GET", f"{ONE}/inventories", inventories.index, policy=f"{OF}inventories:list"),
    op("POST", f"{ONE}/inventories", inventories.create, status=201, body=inventories.CREATE, policy=f"{OF}inventories:create", load=PROVIDER),
    op("PUT", f"{ONE}/inventories", inventories.replace, body=inventories.REPLACE, policy=f"{OF}inventories:update", load=PROVIDER),
    op("DELETE", f"{ONE}/inventories", inventories.clear, status=204, policy=f"{OF}inventories:delete", load=PROVIDER, since="1.5"),
    op("GET", f"{ONE}/inventories/{{resource_class}}", inventories.show, policy=f"{OF}inventories:show"),
    op("PUT", f"{ONE}/inventories/{{resource_class}}", inventories.update, body=inventories.UPDATE, policy=f"{OF}inventories:update", load=PROVIDER),
    op("DELETE", f"{ONE}/inventories/{{resource_class}}", inventories.delete, status=204, policy=f"{OF}inventories:delete", load=PROVIDER),

    op("GET", f"{ONE}/usages", usages.show, policy=f"{OF}usages"),
    op("GET", f"{ONE}/aggregates", aggregates.show, policy=f"{OF}aggregates:list", load=PROVIDER, since="1.1"),
    op("PUT", f"{ONE}/aggregates", aggregates.replace, body=aggregates.SET, policy=f"{OF}aggregates:update", load=PROVIDER, since="1.1"),
    op("GET", f"{ONE}/allocations", consumer_allocations.index, policy=f"{OF}allocations:list"),
    op("GET", f"{ONE}/traits", traits.of, policy=f"{OF}traits:list", since="1.6"),
    op("PUT", f"{ONE}/traits", traits.replace, body=traits.SET, policy=f"{OF}traits:update", since="1.6"),
    op("DELETE", f"{ONE}/traits", traits.clear, status=204, policy=f"{OF}traits:delete", load=PROVIDER, since="1.6"),

    op("POST", "/allocations", consumer_allocations.update_several, status=204, body=consumer_allocations.WRITE_SEVERAL, policy=f"{RULE}allocations:manage", since="1.13"),
    op("GET", "/allocations/{consumer_uuid}", consumer_allocations.show, policy=f"{RULE}allocations:list"),
    op("PUT", "/allocations/{consumer_uuid}", consumer_allocations.update, status=204, body=consumer_allocations.WRITE, policy=f"{RULE}allocations:update", load=CONSUMER),
    op("DELETE", "/allocations/{consumer_uuid}", consumer_allocations.delete, status=204, policy=f"{RULE}allocations:delete"),

    op("GET", "/allocation_candidates", candidates.index, query=candidates.LIST, policy=f"{RULE}allocation_candidates:list", since="1.10", until="1.24"),
    op("GET", "/allocation_candidates", candidates.index, query=candidates.LIST_OF_GROUPS, policy=f"{RULE}allocation_candidates:list", since="1.25"),

    op("GET", "/traits", traits.index, query=traits.LIST, policy=f"{RULE}traits:list", since="1.6"),
    op("GET", "/traits/{name}", traits.show, status=204, policy=f"{RULE}traits:show", since="1.6"),
    op("PUT", "/traits/{name}", traits.ensure, status=201, policy=f"{RULE}traits:update", since="1.6"),
    op("DELETE", "/traits/{name}", traits.delete, status=204, policy=f"{RULE}traits:delete", since="1.6"),

    op("GET", "/usages", usages.total, query=usages.TOTAL, policy=f"{RULE}usages", since="1.9"),
    op("POST", "/reshaper", reshaper.reshape, status=204, body=reshaper.RESHAPE, policy=f"{RULE}reshaper:reshape", since="1.30"),
)  # fmt: skip
