"""Cinder's error envelope, its wording of refusals, its named errors with their message texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.errors import BadInput, Conflict, EmulatorError, NotFound, TooLarge
from emulator.volume.formats import FORMATS
from emulator.wire.envelopes import fault, page, token_refused
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.steps import NoSuchAction, NoSuchMethod, NoSuchPath, TokenRefused
from emulator.wire.validation import Dialect

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError


class ProjectMismatch(BadInput):
    """The URL names another project than the token's."""

    template = "Malformed request url"


class InvalidVolume(BadInput):
    """The volume does not allow this now."""

    template = "Invalid volume: %(reason)s"


class InvalidSnapshot(BadInput):
    """The snapshot does not allow this now."""

    template = "Invalid snapshot: %(reason)s"


class InvalidInput(BadInput):
    """A value is no good."""

    template = "Invalid input received: %(reason)s"


class InvalidVolumeType(BadInput):
    """The volume type does not fit."""

    template = "Invalid volume type: %(reason)s"


class InvalidParameterValue(BadInput):
    """A parameter has a value it cannot have."""

    template = "%(err)s"


class VolumeNotFound(NotFound):
    """No volume has this id, or it is another project's."""

    template = "Volume %(volume_id)s could not be found."


class SnapshotNotFound(NotFound):
    """No snapshot has this id, or it is another project's."""

    template = "Snapshot %(snapshot_id)s could not be found."


class SnapshotOfImageNotFound(NotFound):
    """An image stands for a snapshot that is gone."""

    template = (
        "Nova specific image is found, but boot volume snapshot id:%(snapshot_id)s not found."
    )


class ServerUsesAttachment(Conflict):
    """A server uses the volume: only Compute may take it away."""

    template = "Detach volume from instance %(server_id)s using the Compute API"


class VolumeTypeNotFound(NotFound):
    """No volume type has this id."""

    template = "Volume type %(volume_type_id)s could not be found."


class VolumeTypeNotFoundByName(NotFound):
    """No volume type has this name."""

    template = "Volume type with name %(volume_type_name)s could not be found."


class VolumeTypeExists(Conflict):
    """The name is taken by another volume type."""

    template = "Volume Type %(id)s already exists."


class VolumeTypeInUse(BadInput):
    """Volumes of the type exist."""

    template = (
        "Volume Type %(volume_type_id)s deletion is not allowed with volumes present with the type."
    )


class VolumeTypeExtraSpecsNotFound(NotFound):
    """The volume type has no extra spec of this name."""

    template = "Volume Type %(volume_type_id)s has no extra specs with key %(extra_specs_key)s."


class VolumeMetadataNotFound(NotFound):
    """The volume has no metadata of this key."""

    template = "Volume %(volume_id)s has no metadata with key %(metadata_key)s."


class GlanceMetadataNotFound(NotFound):
    """The volume remembers no such thing of its image."""

    template = "Glance metadata for volume/snapshot %(id)s cannot be found."


class ImageNotFound(NotFound):
    """There is no such image."""

    template = "Image %(image_id)s could not be found."


class ImageUnacceptable(BadInput):
    """A volume does not hold what is in the image."""

    template = "Image %(image_id)s is unacceptable: %(reason)s"


class SeveralImages(Conflict):
    """A volume is to be made of an image whose name others have too."""

    template = "Multiple matches found for '%(name)s', use an ID to be more specific."


class SnapshotMetadataNotFound(NotFound):
    """The snapshot has no metadata of this key."""

    template = "Snapshot %(snapshot_id)s has no metadata with key %(metadata_key)s."


class VolumeAttachmentNotFound(NotFound):
    """No attachment answers the filter."""

    template = "Volume attachment could not be found with filter: %(filter)s."


class BackupNotFound(NotFound):
    """No backup has this id, or it is another project's."""

    template = "Backup %(backup_id)s could not be found."


class InvalidBackup(BadInput):
    """The backup does not allow this now."""

    template = "Invalid backup: %(reason)s"


class TransferNotFound(NotFound):
    """No transfer has this id."""

    template = "Transfer %(transfer_id)s could not be found."


class InvalidAuthKey(BadInput):
    """The key does not open the transfer."""

    template = "Invalid auth key: %(reason)s"


class QoSSpecsNotFound(NotFound):
    """No QoS specs have this id."""

    template = "No such QoS spec %(specs_id)s."


class QoSSpecsKeyNotFound(NotFound):
    """The QoS specs have no spec of this key."""

    template = "QoS spec %(specs_id)s has no spec with key %(specs_key)s."


class QoSSpecsExists(Conflict):
    """The name is taken by other QoS specs."""

    template = "QoS Specs %(specs_id)s already exists."


class InvalidQoSSpecs(BadInput):
    """The QoS specs cannot be so."""

    template = "Invalid qos specs: %(reason)s"


class VolumeTypeEncryptionExists(BadInput):
    """The type's volumes are encrypted already."""

    template = "Volume type encryption for type %(type_id)s already exists."


class VolumeTypeEncryptionNotFound(NotFound):
    """The type's volumes are not encrypted."""

    template = "Volume type encryption for type %(type_id)s does not exist."


class GroupTypeNotFound(NotFound):
    """No group type has this id."""

    template = "Group type %(group_type_id)s could not be found."


class GroupTypeNotFoundByName(NotFound):
    """No group type has this name."""

    template = "Group type with name %(group_type_name)s could not be found."


class GroupTypeExists(Conflict):
    """The name is taken by another group type."""

    template = "Group Type %(id)s already exists."


class GroupTypeInUse(BadInput):
    """Groups of the type exist."""

    template = (
        "Group Type %(group_type_id)s deletion is not allowed with groups present with the type."
    )


class GroupTypeSpecsNotFound(NotFound):
    """The group type has no spec of this key."""

    template = "Group Type %(group_type_id)s has no specs with key %(group_specs_key)s."


class GroupNotFound(NotFound):
    """No group has this id, or it is another project's."""

    template = "Group %(group_id)s could not be found."


class GroupSnapshotNotFound(NotFound):
    """No group snapshot has this id, or it is another project's."""

    template = "GroupSnapshot %(group_snapshot_id)s could not be found."


class InvalidGroup(BadInput):
    """The group does not allow this now."""

    template = "Invalid Group: %(reason)s"


class InvalidGroupSnapshot(BadInput):
    """The group snapshot does not allow this now."""

    template = "Invalid GroupSnapshot: %(reason)s"


class InvalidGroupType(BadInput):
    """The group's type does not allow this."""

    template = "Invalid group type: %(reason)s"


class InvalidHost(BadInput):
    """The host is no place for this."""

    template = "Invalid host: %(reason)s"


class MessageNotFound(NotFound):
    """No message has this id, or it is another project's."""

    template = "Message %(message_id)s could not be found."


class ServiceNotFound(NotFound):
    """No service is called so, or none on this host."""


class ClusterNotFound(NotFound):
    """No cluster of services is called so."""

    template = "Cluster %(id)s could not be found."


class HostNotFound(NotFound):
    """No host has this name."""

    template = "Host %(host)s could not be found."


class OverQuota(TooLarge):
    """A quota would be exceeded: 413 with Retry-After 0 (Cinder 29.0.0)."""

    reason = "quota"

    def __init__(self, message: str | None = None, **facts: object) -> None:
        super().__init__(message, headers={"Retry-After": "0"}, **facts)


class VolumeLimitExceeded(OverQuota):
    """Too many volumes."""

    template = (
        "VolumeLimitExceeded: Maximum number of volumes allowed (%(allowed)d) "
        "exceeded for quota '%(name)s'."
    )


class SnapshotLimitExceeded(OverQuota):
    """Too many snapshots."""

    template = "SnapshotLimitExceeded: Maximum number of snapshots allowed (%(allowed)d) exceeded"


class BackupLimitExceeded(OverQuota):
    """Too many backups."""

    template = "BackupLimitExceeded: Maximum number of backups allowed (%(allowed)d) exceeded"


class GroupLimitExceeded(OverQuota):
    """Too many groups."""

    template = "GroupLimitExceeded: Maximum number of groups allowed (%(allowed)d) exceeded"


class VolumeSizeExceedsAvailableQuota(OverQuota):
    """Too many gigabytes."""

    template = (
        "VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed "
        "%(name)s quota. Requested %(requested)dG, quota is %(quota)dG and "
        "%(consumed)dG has been consumed."
    )


def render_error(error: EmulatorError, ctx: Context) -> Reply:
    """Return Cinder's answer of an error; paths no route has never reach Cinder's own envelope."""
    if isinstance(error, TokenRefused):
        return token_refused(error, ctx)
    if isinstance(error, NoSuchPath | NoSuchMethod):
        return page(ctx, "404 Not Found", "The resource could not be found.")
    if isinstance(error, NoSuchAction):
        error.message += ". Verify the request body and Content-Type header and try again."
    reply = fault(error, "computeFault")
    reply.content_type = "application/json"
    return reply


def word_refusal(error: ValidationError) -> EmulatorError:
    """Word a refusal (Cinder 29.0.0, cinder.api.validation.validators)."""
    if error.path:
        return BadInput(
            f"Invalid input for field/attribute {error.path[-1]}. "
            f"Value: {error.instance}. {error.message}"
        )
    return BadInput(error.message)


DIALECT = Dialect(
    formats=FORMATS,
    word_body=word_refusal,
    word_query=word_refusal,
    numeric_text=True,
)
