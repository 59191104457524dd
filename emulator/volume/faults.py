"""What can be made to go wrong with volumes, snapshots and backups, by name."""

from __future__ import annotations

from emulator.volume import backups, snapshots
from emulator.volume.volumes.lifecycle import VOLUME

VOLUME.add_fault(
    "volume-no-backend",
    "A new volume finds no pool, and a message says so.",
    transition="create",
    step="creating",
    outcome="fail",
    fault="No valid backend was found.",
)
VOLUME.add_fault(
    "volume-stuck-in-creating",
    "A new volume is never done.",
    transition="create",
    outcome="stick",
)
VOLUME.add_fault(
    "volume-error-deleting",
    "A volume that is deleted ends in error_deleting.",
    transition="delete",
    outcome="fail",
)
VOLUME.add_fault(
    "volume-stuck-in-deleting",
    "A volume that is deleted never goes.",
    transition="delete",
    outcome="stick",
)
VOLUME.add_fault(
    "volume-error-extending",
    "A volume that is extended ends in error_extending, as large as it was.",
    transition="extend",
    outcome="fail",
)
snapshots.MACHINE.add_fault(
    "snapshot-failed",
    "A new snapshot ends in error.",
    transition="create",
    outcome="fail",
)
snapshots.MACHINE.add_fault(
    "snapshot-error-deleting",
    "A snapshot that is deleted ends in error_deleting.",
    transition="delete",
    outcome="fail",
)
backups.MACHINE.add_fault(
    "backup-failed",
    "A new backup ends in error.",
    transition="create",
    outcome="fail",
    fault="The backup driver failed",
)
