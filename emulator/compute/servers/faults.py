"""What can be made to go wrong with servers, by name. The texts are Nova 34.0.0's.

A build that fails on one host is tried on others first, so its fault tells of that alone.
"""

from __future__ import annotations

from emulator.compute.servers.lifecycle import SERVER
from emulator.compute.servers.volume_attachments import BLOCK_DEVICE

RETRIES_EXHAUSTED = (
    "Exceeded maximum number of retries. Exhausted all hosts available for retrying build "
    "failures for instance {id}."
)

SERVER.add_fault(
    "no-valid-host",
    "A new server finds no host.",
    transition="create",
    step="scheduling",
    outcome="fail",
    fault="No valid host was found. There are not enough hosts available.",
)
SERVER.add_fault(
    "network-allocation-failed",
    "A new server gets no ports.",
    transition="create",
    step="networking",
    outcome="fail",
    fault="Build of instance {id} aborted: Failed to allocate the network(s), not rescheduling.",
)
SERVER.add_fault(
    "port-binding-failed",
    "The ports of a new server can be bound on no host.",
    transition="create",
    step="block_device_mapping",
    outcome="fail",
    fault=RETRIES_EXHAUSTED,
)
SERVER.add_fault(
    "block-device-failed",
    "The disks of a new server cannot be made ready.",
    transition="create",
    step="block_device_mapping",
    outcome="fail",
    fault="Build of instance {id} aborted: Failure prepping block device.",
)
SERVER.add_fault(
    "image-download-failed",
    "No host can fetch the image of a new server.",
    transition="create",
    step="spawning",
    outcome="fail",
    fault=RETRIES_EXHAUSTED,
)
SERVER.add_fault(
    "stuck-in-build",
    "A new server is never done spawning.",
    transition="create",
    step="spawning",
    outcome="stick",
)
SERVER.add_fault(
    "stuck-in-deleting",
    "A server that is deleted never goes.",
    transition="delete",
    outcome="stick",
)
SERVER.add_fault(
    "active-then-error",
    "A new server is active, and a minute later in error.",
    transition="create",
    outcome="later",
    later=60,
    fault="The guest ended unexpectedly.",
)
SERVER.add_fault(
    "resize-disk-full",
    "The host that a server is resized to has no disk space left.",
    transition="resize",
    step="resize_migrating",
    outcome="error",
    fault="ProcessExecutionError",  # what is no exception of Nova's is told by its class
    details="cp: error writing disk: No space left on device",
)
BLOCK_DEVICE.add_fault(
    "volume-attach-failed",
    "A volume cannot be attached to a server, and is available again.",
    transition="attach_volume",
    outcome="fail",
    fault="Connection to the volume failed",
)
BLOCK_DEVICE.add_fault(
    "volume-error-attaching",
    "A volume cannot be attached to a server, and what was begun is left over.",
    transition="attach_volume",
    outcome="error",
    fault="Connection to the volume failed",
)
BLOCK_DEVICE.add_fault(
    "volume-detach-failed",
    "A volume cannot be detached from a server, and stays in use.",
    transition="detach_volume",
    outcome="fail",
    fault="DeviceDetachFailed",
)
