"""What Nova 34.0.0 refuses of ports that ask for bandwidth or packet rates."""

from __future__ import annotations

from emulator.errors import BadInput


class PortsAskForTooNew(BadInput):
    """A new server is given such a port at an older microversion."""

    template = (
        "Creating servers with ports having resource requests, like a port with a QoS minimum "
        "bandwidth policy, is not supported until microversion 2.72."
    )


class NoRoomForPort(BadInput):
    """The server's host has not so much left."""

    template = (
        "Failed to allocate additional resources to %(instance_uuid)s during interface attach"
    )


class NetworkAsksForBandwidth(BadInput):
    """Nova cannot make a port on a network whose policy guarantees something."""

    template = (
        "Using networks with QoS policy is not supported for instance %(instance_uuid)s. "
        "(Network ID is %(network_id)s)"
    )


class MoveCannotBeForced(BadInput):
    """A server that holds something of several providers goes where the scheduler says."""

    template = (
        "No valid host was found. Unable to move instance %(instance_uuid)s to host %(host)s. The "
        "instance has complex allocations on the source host so move cannot be forced."
    )
