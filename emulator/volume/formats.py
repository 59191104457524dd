"""The formats of Cinder's schemas (cinder.api.validation.validators), as plain checks.

A format that has words of its own raises them.
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Mapping
from typing import Any

from emulator.errors import BadInput
from emulator.wire.validation import FormatCheck

NAME_LENGTH_MAX = 255

VOLUME_STATUSES = (
    "creating", "available", "deleting", "error", "error_deleting", "error_managing",
    "managing", "attaching", "in-use", "detaching", "maintenance", "restoring-backup",
    "error_restoring", "reserved", "awaiting-transfer", "backing-up", "error_backing-up",
    "error_extending", "downloading", "uploading", "retyping", "extending",
)  # fmt: skip
ATTACH_STATUSES = ("detached", "attached", "attaching", "detaching", "reserved",
                   "error_attaching", "error_detaching", "deleted")  # fmt: skip
MIGRATION_STATUSES = ("migrating", "error", "success", "completing", "none", "starting")
SNAPSHOT_STATUSES = ("error", "available", "creating", "deleting", "deleted", "updating",
                     "error_deleting", "unmanaging", "backing-up", "restoring")  # fmt: skip
BACKUP_STATUSES = ("error", "error_deleting", "creating", "available", "deleting", "deleted",
                   "restoring")  # fmt: skip


def is_uuid(value: Any) -> bool:
    """Accept a UUID with or without dashes, as oslo_utils.uuidutils does."""
    if not isinstance(value, str):
        return True
    try:
        uuid.UUID(value)
    except ValueError:
        return False
    return True


def is_name(value: Any) -> bool:
    """Accept a text that is not blank."""
    if value is None:
        raise BadInput("An invalid 'name' value was provided. The 'name' can not be None.")
    if isinstance(value, str) and not value.strip():
        raise BadInput("An invalid 'name' value was provided. The 'name' can not be empty.")
    return True


def _short(label: str) -> FormatCheck:
    def check(value: Any) -> bool:
        if isinstance(value, str) and len(value.strip()) > NAME_LENGTH_MAX:
            length = len(value.strip())
            raise BadInput(
                f"Invalid input received: {label} has {length} characters, more than 255."
            )
        return True

    return check


is_short_name = _short("name")
is_short_description = _short("description")


def _one_of(label: str, statuses: tuple[str, ...]) -> FormatCheck:
    def check(value: Any) -> bool:
        if isinstance(value, str) and value.lower() not in statuses:
            known = ", ".join(map(repr, statuses))
            raise BadInput(f"{label}: {value} is invalid, valid statuses are: ({known}).")
        return True

    return check


def is_reset(value: Any) -> bool:
    """Accept a reset that names at least one state."""
    if isinstance(value, dict) and not value:
        raise BadInput(
            "Must specify 'status', 'attach_status' or 'migration_status' "
            "for update in volume reset request."
        )
    return True


def is_progress(value: Any) -> bool:
    """Accept an integer percentage between 0 and 100."""
    if isinstance(value, str):
        digits = value.removesuffix("%")
        if not value.endswith("%") or not digits.isdecimal():
            raise BadInput("Invalid input received: progress must be an integer percentage")
        if int(digits) > 100:
            raise BadInput(
                "Invalid input received: progress must be an integer percentage between 0 and 100"
            )
    return True


def is_base64(value: Any) -> bool:
    """Accept base64."""
    if not isinstance(value, str):
        return True
    try:
        base64.b64decode(value, validate=True)
    except ValueError:
        return False
    return True


def is_reason(value: Any) -> bool:
    """Accept a reason that says something, in no more than 255 characters."""
    return not isinstance(value, str) or 0 < len(value.strip()) <= NAME_LENGTH_MAX


FORMATS: Mapping[str, FormatCheck] = {
    "uuid": is_uuid,
    "progress": is_progress,
    "base64": is_base64,
    "disabled_reason": is_reason,
    "name": is_name,
    "name_skip_leading_trailing_spaces": is_name,
    "name_non_mandatory_remove_white_spaces": is_short_name,
    "description_non_mandatory_remove_white_spaces": is_short_description,
    "validate_volume_reset_body": is_reset,
    "volume_status": _one_of("Volume status", VOLUME_STATUSES),
    "volume_attach_status": _one_of("Volume attach status", ATTACH_STATUSES),
    "volume_migration_status": _one_of("Volume migration status", MIGRATION_STATUSES),
    "snapshot_status": _one_of("Snapshot status", SNAPSHOT_STATUSES),
    "backup_status": _one_of("Backup status", BACKUP_STATUSES),
}
