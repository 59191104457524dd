"""What actions of servers and their sub-resources refuse, in Nova's words."""

from __future__ import annotations

from emulator.errors import BadInput, Conflict, EmulatorError, Gone, NotFound, QuotaExceeded

# Instance actions


class ActionNotFound(NotFound):
    """The server has no action of that request."""

    template = "Action %(request_id)s not found"


class ChangesOutOfOrder(BadInput):
    """changes-since is later than changes-before."""

    template = "The value of changes-since must be less than or equal to changes-before."


class MarkerNotFound(BadInput):
    """The row a page is to begin behind is not there."""

    template = "Marker %(marker)s could not be found."


# Moving and resizing


class NotResized(BadInput):
    """There is no finished resize to confirm or revert."""

    template = "Instance has not been resized."


class SameFlavor(BadInput):
    """A resize to the flavor that the server has."""

    template = "When resizing, instances must change flavor!"


class CannotResizeDisk(BadInput):
    """The disk of the new flavor will not do."""

    template = "Server disk was unable to be resized because: %(reason)s"


class SameHost(BadInput):
    """A migration to the host where the server is."""

    template = "Cannot migrate to the host where the server exists."


class ComputeHostNotFound(BadInput):
    """No compute host has this name."""

    template = "Compute host %(host)s could not be found."


class EvacuationHostNotFound(NotFound):
    """No compute host has this name, said by evacuate."""

    template = "Compute host %(host)s not found."


class SameEvacuationHost(BadInput):
    """An evacuation to the host where the server is."""

    template = "The target host can't be the same one."


class NothingToForce(BadInput):
    """`force` without a host."""

    template = "Can't force to a non-provided destination"


class NoPasswordOnExistingDisk(BadInput):
    """An evacuation with shared storage cannot set a password."""

    template = "admin password can't be changed on existing disk"


class ComputeServiceInUse(BadInput):
    """The host that is to be evacuated is up."""

    template = "Compute service of %(host)s is still in use."


class ComputeServiceUnavailable(BadInput):
    """The host's compute service is down."""

    template = "Compute service of %(host)s is unavailable at this time."


class UnableToMigrateToSelf(BadInput):
    """A live migration to the host where the server is."""

    template = "Unable to migrate instance (%(instance_id)s) to current host (%(host)s)."


class LiveMigrationRefused(BadInput):
    """A live migration that was tried and failed while the client waited (below 2.34)."""

    keeps_changes = True


class HostUnreachable(Conflict):
    """The server's own host is down, so nothing can be asked of it."""

    template = "Service is unavailable at this time."


class MigrationNotFoundForServer(NotFound):
    """The server has no migration of that id."""

    template = "Migration %(migration_id)s not found for instance %(instance_id)s"


class MigrationNotInProgress(NotFound):
    """The server has no live migration of that id that is under way."""

    template = "In-progress live migration %(migration_id)s is not found for server %(server_id)s."


class MigrationIsNotLive(NotFound):
    """The migration is of another type."""

    template = "Migration %(migration_id)s for server %(server_id)s is not live-migration."


class LiveMigrationOver(NotFound):
    """The live migration has ended."""

    template = "Live migration %(migration_id)s for server %(server_id)s is not in progress."


class InvalidMigrationState(BadInput):
    """The migration's status does not allow this."""

    template = (
        "Migration %(migration_id)s state of instance %(instance_uuid)s is %(state)s. "
        "Cannot %(method)s while the migration is in this state."
    )


# Shelving


class UnshelveInvalidState(Conflict):
    """Zone or host given for a server that still has one."""

    template = (
        "Specifying an availability zone or a host when unshelving server"
        ' "%(instance_uuid)s" with status "%(state)s" is not supported. '
        "The server status must be SHELVED_OFFLOADED."
    )


class ZoneNotAvailable(BadInput):
    """No such zone."""

    template = "The requested availability zone is not available"


class HostNotInZone(Conflict):
    """The host asked for is not in the zone asked for."""

    template = 'Host "%(host)s" is not in the availability zone "%(availability_zone)s".'


# Rebuilding, rescuing, images


class RebuildImageNotFound(BadInput):
    """No such image to rebuild from."""

    template = "Cannot find image for rebuild"


class ImageUnacceptable(BadInput):
    """The image will not do for this server."""

    template = "Image %(image_id)s is unacceptable: %(reason)s"


class CertificatesNeedImages(BadInput):
    """Certificates of an image, for a server that boots from a volume."""

    template = "Image certificate validation is not supported for volume-backed servers."


class InvalidKeyName(BadInput):
    """No such key pair to rebuild with."""

    template = "Invalid key_name provided."


class NotRescuable(BadInput):
    """The server cannot be rescued."""

    template = "Instance %(instance_id)s cannot be rescued: %(reason)s"


class BadRescueImage(BadInput):
    """No such image to rescue with."""

    template = "Requested rescue image '%(image)s' is not supported"


class ImageMetadataLimitExceeded(QuotaExceeded):
    """More properties of a new image than a server may have metadata."""

    template = "Image metadata limit exceeded"


class NoBackupOfVolumes(BadInput):
    """A backup of a server that boots from a volume."""

    template = "Backup is not supported for volume-backed instances."


# Consoles


class ConsoleTypeUnavailable(BadInput):
    """That type of console is not to be had."""

    template = "Unavailable console type %(console_type)s."


class ConsoleTypeInvalid(BadInput):
    """There is no such type of console."""

    template = "Invalid console type %(console_type)s"


class MalformedRequest(BadInput):
    """Nova refuses and does not say why."""

    template = (
        "The server could not comply with the request since it is either malformed or"
        " otherwise incorrect."
    )


class TokenNotFound(NotFound):
    """No console has this token, or no more."""

    template = "Token not found"


# Networks


class PortNotFound(NotFound):
    """No such port."""

    template = "Port id %(port_id)s could not be found."


class PortInUse(Conflict):
    """The port is another server's already."""

    template = "Port %(port_id)s is still in use."


class PortLimitExceeded(QuotaExceeded):
    """The project has as many ports as it may."""

    template = "Maximum number of ports exceeded"


class NoNetworkToAttach(BadInput):
    """The project has no network of which a port could be."""

    template = (
        "No specific network was requested and none are available for project '%(project_id)s'."
    )


class NotPortOfServer(NotFound):
    """The port is not the server's."""

    template = "Instance %(instance)s does not have a port with id %(port)s"


class BothNetworkAndPort(BadInput):
    """An interface is asked for by both."""

    template = "Must not input both network_id and port_id"


class AddressWithoutNetwork(BadInput):
    """An address is asked for, of no network."""

    template = "Must input network_id when request IP address"


class NetworkRefusal(EmulatorError):
    """What Neutron refused, with its words and its status; `facts["status"]` is the status."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(f"{message}", code=status)
        self.status = status  # type: ignore[misc]


class SecurityGroupNotFound(NotFound):
    """No security group of the project has this name or id."""

    template = "Security group %(name)s is not found for project %(project_id)s"


class ServerWithoutPorts(NotFound):
    """The server has no port that could follow a group."""

    template = "instance_id %(instance_id)s could not be found as device id on any ports"


class SecurityGroupNotAssociated(NotFound):
    """The server does not have the group."""

    template = "Security group %(name)s not associated with the instance %(instance_id)s"


class NoUniqueGroup(Conflict):
    """Several security groups have this name."""

    template = (
        "Multiple security_group matches found for name '%(name)s', use an ID to be more specific."
    )


class SecurityGroupCannotBeApplied(BadInput):
    """No port of the server takes security groups."""

    template = (
        "Network requires port_security_enabled and subnet associated in order to apply"
        " security groups."
    )


class FixedIpNotFound(BadInput):
    """The server has no such address."""

    template = "Instance %(instance_uuid)s has no fixed IP '%(ip)s'."


class NetworkNotReady(BadInput):
    """The server has no interfaces."""

    template = "Instance network is not ready yet"


class NoFixedIps(BadInput):
    """The server has no addresses."""

    template = "No fixed IPs associated to instance"


class FixedAddressNotAssigned(BadInput):
    """The server does not have the address a floating IP is to go to."""

    template = "Specified fixed address not assigned to instance"


class NoFixedIpv4(BadInput):
    """The server has no IPv4 address that a floating IP could go to."""

    template = (
        "Unable to associate floating IP %(address)s to any fixed IPs for instance %(id)s."
        " Instance has no fixed IPv4 addresses to associate."
    )


class FloatingIpNotFound(NotFound):
    """No such floating IP."""

    template = "floating IP not found"


class FloatingIpUnknown(NotFound):
    """No such floating IP, said by removeFloatingIp."""

    template = "Floating IP not found for address %(address)s."


class FloatingIpNotAssociated(Conflict):
    """The floating IP is not the server's."""

    template = "Floating IP %(address)s is not associated with instance %(id)s."


# Retired


class ActionGone(Gone):
    """An interface that Nova no longer has."""

    template = "This resource is no longer available. No forwarding address is given."


# Volumes


class VolumeNotMapped(BadInput):
    """No server has this volume."""

    template = "No volume Block Device Mapping with id %(volume_id)s."


class VolumeIsMultiattach(BadInput):
    """Several servers have this volume."""

    template = (
        "Block Device Mapping %(volume_id)s is a multi-attach volume and is not valid for this"
        " operation."
    )


class ShareNotFound(NotFound):
    """The server has no such share."""

    template = "Share %(share_id)s could not be found."


class VolumeNotFound(NotFound):
    """No such volume."""

    template = "Volume %(volume_id)s could not be found."


class NotAttached(NotFound):
    """The volume is not the server's."""

    template = "Instance %(instance)s is not attached to volume %(volume)s"


class VolumeAlreadyAttached(BadInput):
    """The volume is some server's, and made for one only."""

    template = (
        "Invalid volume: volume %(volume_id)s is already attached to instances: %(instance_uuids)s"
    )


class MultiattachNotSupported(BadInput):
    """Below 2.60 nothing is known of volumes for several servers."""

    template = "Multiattach volumes are only supported starting with compute API version 2.60."


class MultiattachToShelved(BadInput):
    """A volume for several servers, for one that is on no host."""

    template = "Attaching multiattach volumes is not supported for shelved-offloaded instances."


class TaggedAttachToShelved(BadInput):
    """A tag, for a server that is on no host."""

    template = "Tagged volume attachment is not supported for shelved-offloaded instances."


class DevicePathInUse(Conflict):
    """The server has a disk of that name."""

    template = "The supplied device path (%(path)s) is in use."


class RootDeviceStays(BadInput):
    """The volume is what the server boots from."""

    template = "Cannot detach a root device volume"


class VolumeNotMigrating(Conflict):
    """A swap that Cinder did not ask for."""

    template = "volume %(volume_id)s is not migrating; this API should only be called by Cinder"


class NotMutable(BadInput):
    """A property of an attachment that cannot be changed."""

    template = "The %(name)s property is not mutable"
