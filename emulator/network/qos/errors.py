"""What is refused of ports that hold something of Placement."""

from __future__ import annotations

from emulator.errors import BadInput, Conflict
from emulator.network.errors import named

# fmt: off

# 400

PlacementAllocationRemoved = named(BadInput, "PlacementAllocationRemoved",
    "Resource allocation is deleted for consumer %(consumer)s")
PlacementAllocationRpNotExists = named(BadInput, "PlacementAllocationRpNotExists",
    "Resource provider %(resource_provider)s for %(consumer)s does not exist")

NetworkAsksForResources = named(BadInput, "NetworkAsksForResources",
    "Ports on network %(network_id)s ask for resources.")

# 409

QosPlacementAllocationUpdateConflict = named(Conflict, "QosPlacementAllocationUpdateConflict",
    "Updating placement allocation with %(alloc_diff)s for consumer %(consumer)s failed. The "
    "requested resources would exceed the capacity available.")
QosRuleNotSupported = named(Conflict, "QosRuleNotSupported",
    "Rule %(rule_type)s is not supported by port %(port_id)s")
