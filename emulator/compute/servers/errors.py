"""Why a server is not created, not changed or not listed: Nova 34.0.0's words for it."""

from __future__ import annotations

from emulator.errors import BadInput, Conflict, Forbidden, NotFound, QuotaExceeded

# Counting


class MoreAtLeastThanAtMost(BadInput):
    """min_count is greater than max_count."""

    template = "min_count must be <= max_count"


class OneHostnameForSeveral(BadInput):
    """A host name is given for more than one server."""

    template = "Unable to allocate a single hostname to multiple instances"


class NotForSeveral(BadInput):
    """A port or an address is given for more than one server."""

    template = "Failed to launch instances: %(reason)s"


class MetadataLimitExceeded(QuotaExceeded):
    """The server has more metadata than the quota allows."""

    template = "Maximum number of metadata items exceeds %(allowed)d"


class FileLimitExceeded(QuotaExceeded):
    """More files are injected than the quota allows."""

    template = "Personality file limit exceeded"


class FilePathTooLong(QuotaExceeded):
    """The path of an injected file is longer than the quota allows."""

    template = "Personality file path exceeds maximum %(allowed)s"


class FileTooLong(QuotaExceeded):
    """An injected file is longer than the quota allows."""

    template = "Personality file content exceeds maximum %(allowed)s"


class GroupIsFull(QuotaExceeded):
    """The server group has as many members as the quota allows."""

    template = "Quota exceeded, too many servers in group"


# What is asked for


class MissingImage(BadInput):
    """Neither an image nor a block device is named."""

    template = "Missing imageRef attribute"


class NoSuchImage(BadInput):
    """The image does not exist, or not for the caller."""

    template = "Can not find requested image"


class ImageNotActive(BadInput):
    """The image has no data yet, or none any more."""

    template = "Image %(image_id)s is not active."


class NoSuchFlavor(BadInput):
    """The flavor does not exist, or not for the caller."""

    template = "Flavor %(flavor_id)s could not be found."


class NoSuchKey(BadInput):
    """The user has no key pair of that name."""

    template = "Invalid key_name provided."


class NoSuchGroup(BadInput):
    """The server group does not exist."""

    template = "Instance group %(group_uuid)s could not be found."


class NoSuchZone(BadInput):
    """No enabled host is in the availability zone."""

    template = "The requested availability zone is not available"


class NoSuchHost(BadInput):
    """No compute host has that name."""

    template = "Compute host %(host)s could not be found."


class UnreadableZone(BadInput):
    """The availability zone is not zone:host:node."""

    template = "Invalid input received: Unable to parse availability_zone"


class TwoDestinations(BadInput):
    """A host is asked for in two ways."""

    template = (
        "One mechanism with host and/or hypervisor_hostname and another mechanism with "
        "zone:host:node are mutually exclusive."
    )


class InvalidHint(BadInput):
    """A scheduler hint of a form that none has, or a list where it is one server group."""

    template = "Scheduler hint %(name)s is not of a form that the scheduler knows"


class SnapshotNotFound(BadInput):
    """The snapshot to boot from does not exist, or not for the caller."""

    template = "Snapshot %(snapshot_id)s could not be found."


class CertificatesNeedAnImage(BadInput):
    """Trusted certificates are named for a server that boots from a volume."""

    template = "Image certificate validation is not supported when booting from volume"


class FileWithoutContents(BadInput):
    """An injected file lacks its path or its contents."""

    template = "Bad personality format: missing %(key)s"


# Image and flavor


class DiskConfigDisabledByImage(BadInput):
    """The image forbids that its disk is resized."""

    template = "Requested image %(image)s has automatic disk resize disabled."


class InvalidImageConfigDrive(BadInput):
    """The image's img_config_drive is neither optional nor mandatory."""

    template = "Image's config drive option '%(config_drive)s' is invalid"


class FlavorMemoryTooSmall(BadInput):
    """The image needs more memory."""

    template = "Flavor's memory is too small for requested image."


class FlavorDiskSmallerThanImage(BadInput):
    """The image is larger than the root disk."""

    template = (
        "Flavor's disk is too small for requested image. Flavor disk is %(flavor_size)i bytes, "
        "image is %(image_size)i bytes."
    )


class FlavorDiskSmallerThanMinDisk(BadInput):
    """The image says it needs a larger root disk."""

    template = (
        "Flavor's disk is smaller than the minimum size specified in image metadata. "
        "Flavor disk is %(flavor_size)i bytes, minimum size is %(image_min_disk)i bytes."
    )


class VolumeSmallerThanMinDisk(BadInput):
    """The image says it needs a larger volume."""

    template = (
        "Volume is smaller than the minimum size specified in image metadata. "
        "Volume size is %(volume_size)i bytes, minimum size is %(image_min_disk)i bytes."
    )


class ZeroDiskNeedsAVolume(Forbidden):
    """A flavor without a root disk is only for servers that boot from a volume."""

    template = "Only volume-backed servers are allowed for flavors with zero disk."


# Block devices


class TwoBlockDeviceSyntaxes(BadInput):
    """Both block_device_mapping and block_device_mapping_v2 are given."""

    template = "Using different block_device_mapping syntaxes is not allowed in the same request."


class InvalidBlockDevice(BadInput):
    """A block device cannot be understood."""

    template = "Block Device Mapping is Invalid: %(details)s"


class InvalidBootSequence(InvalidBlockDevice):
    """The boot indexes are not 0, 1, 2 and so on."""

    template = (
        "Block Device Mapping is Invalid: Boot sequence for the instance and image/block device "
        "mapping combination is not valid."
    )


class EphemeralDisksTooLarge(BadInput):
    """The ephemeral disks are larger than the flavor's."""

    template = (
        "Ephemeral disks requested are larger than the instance type allows. If no size is given "
        "in one block device mapping, flavor ephemeral size will be used."
    )


class SwapTooLarge(BadInput):
    """The swap disk is larger than the flavor's."""

    template = "Swap drive requested is larger than instance type allows."


class VolumesForSeveral(BadInput):
    """A volume is given for more than one server."""

    template = "Cannot attach one or more volumes to multiple instances"


class RootDeviceTaken(BadInput):
    """A volume would have the root device's name."""

    template = "The volume cannot be assigned the same device name as the root device %(device)s"


class VolumeNotFound(BadInput):
    """No volume has this id."""

    template = "Volume %(volume_id)s could not be found."


class VolumeNotBootable(BadInput):
    """The volume to boot from was not made to be booted from."""

    template = "Block Device %(id)s is not bootable."


class VolumeTypeNotFound(BadInput):
    """No volume type has this name or id."""

    template = "Volume type %(id_or_name)s could not be found."


class InvalidVolume(BadInput):
    """Block Storage does not let the server have the volume."""

    template = "Invalid volume: %(reason)s"


class MultiattachNeedsNewerVersion(BadInput):
    """A volume that may be attached to several servers is asked for below 2.60."""

    template = "Multiattach volumes are only supported starting with compute API version 2.60."


# Networks


class BadNetworks(BadInput):
    """The networks asked for cannot be understood."""


class NoSuchNetwork(BadInput):
    """The network does not exist, or not for the caller."""

    template = "Network %(network_id)s could not be found."


class NoSuchPort(BadInput):
    """The port does not exist, or not for the caller."""

    template = "Port id %(port_id)s could not be found."


class NoSuchSecurityGroup(BadInput):
    """The project has no such security group."""

    template = "Unable to find security_group with name or id '%(security_group_id)s'"


class AmbiguousSecurityGroups(Conflict):
    """Several security groups have the name."""

    template = "Multiple security groups found matching '%(name)s'. Use an ID to be more specific."


class AmbiguousNetworks(Conflict):
    """No network is named, and there are several."""

    template = "Multiple possible networks found, use a Network ID to be more specific."


class NoAutoNetwork(BadInput):
    """There is no network, and none can be made for the project."""

    template = "Unable to automatically allocate a network for project %(project_id)s"


class InvalidFilter(BadInput):
    """A filter cannot be used."""

    template = "Invalid filter field: %(name)s."


class InvalidStatus(BadInput):
    """No server can have the status that is filtered by."""

    template = "Invalid status value"


class DeletedAreForAdmins(Forbidden):
    """Who is no admin asks for deleted servers."""

    template = "Only administrators may list deleted instances"


class SortIsForAdmins(Forbidden):
    """Who is no admin sorts by something only admins see."""

    template = "Only administrators can sort servers by %(key)s"


class MarkerNotFound(BadInput):
    """The server after which the page begins does not exist."""

    template = "marker [%(marker)s] not found"


class SinceAfterBefore(BadInput):
    """changes-since is later than changes-before."""

    template = "The value of changes-since must be less than or equal to changes-before."


# Changes


class CannotChangePinnedZone(Conflict):
    """The server is pinned to another zone."""

    template = (
        "Cannot change pinned availability zone directly. Unpin first by setting "
        "pinned_availability_zone to null."
    )


class CannotPinToZone(Conflict):
    """The server is not in the zone it is to be pinned to."""

    template = (
        "Server can only be pinned to its current availability zone '%(current)s', "
        "but '%(requested)s' was requested."
    )


# Metadata, tags, addresses


class MetadataItemNotFound(NotFound):
    """The server has no metadata of this name."""

    template = "Metadata item was not found"


class BodyNamesAnotherItem(BadInput):
    """The body sets another item than the URL names."""

    template = "Request body and URI mismatch"


class NoSuchTag(NotFound):
    """The server has no such tag."""

    template = "Server %(server_id)s has no tag '%(tag)s'"


class NoSuchTagToDelete(NotFound):
    """The server has no such tag to take away."""

    template = "Instance %(server_id)s has no tag '%(tag)s'"


class InvalidTag(BadInput):
    """A tag in the URL has characters that tags cannot have."""

    template = (
        "Tag '%(tag)s' is invalid. It must be a non empty string without characters '/' and ','. "
        "Validation error message: %(reason)s"
    )


class TooManyTags(BadInput):
    """The server has as many tags as it may."""

    template = "The number of tags exceeded the per-server limit %(limit)d"


class NotOnNetwork(NotFound):
    """The server has no address in the network."""

    template = "Instance is not a member of specified network"
