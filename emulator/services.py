"""The services of every cloud, and what they bring with them: tables and state machines."""

from __future__ import annotations

from collections.abc import Mapping

from emulator import compute, control, identity, image, network, placement, volume
from emulator.simulation import breakage, timers
from emulator.simulation.transition import Machine
from emulator.store import cloud_state
from emulator.wire.service import Service

SERVICES: tuple[Service, ...] = (
    identity.SERVICE,
    placement.SERVICE,
    image.SERVICE,
    network.SERVICE,
    volume.SERVICE,
    compute.SERVICE,
    control.SERVICE,
)
BY_NAME: Mapping[str, Service] = {service.name: service for service in SERVICES}
BY_MOUNT: Mapping[str, Service] = {service.mount[1:]: service for service in SERVICES}
MACHINES: Mapping[str, Machine] = {
    **{machine.kind: machine for service in SERVICES for machine in service.machines},
    breakage.KIND: breakage.MACHINE,
}
TABLES = (cloud_state.TABLES, timers.TABLES, *(service.tables for service in SERVICES))
