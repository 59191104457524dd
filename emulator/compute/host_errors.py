"""Nova's named errors about hosts: services, hypervisors, aggregates."""

from __future__ import annotations

from emulator.errors import BadInput, Conflict, EmulatorError, NotFound

# Ids in paths


class InvalidUuid(BadInput):
    """The id in the path is no UUID, and must be one since 2.53."""

    template = "Invalid uuid %(id)s"


class InvalidInteger(BadInput):
    """The id in the path is no number."""

    template = "Invalid input received: id must be an integer"


def integer(text: str) -> int:
    """Return the number an id is. InvalidInteger when it is none."""
    try:
        return int(text)
    except ValueError:
        raise InvalidInteger() from None


# Services


class HostNotMapped(NotFound):
    """No nova-compute runs on a host of this name."""

    template = "Host '%(name)s' is not mapped to any cell"


class ServiceNotFound(NotFound):
    """No service has this id."""

    template = "Service %(service_id)s could not be found."


class UnknownServiceToDelete(NotFound):
    """No service has this id: the wording of DELETE."""

    template = "Service %(service_id)s not found."


class UnknownServiceAction(NotFound):
    """The path names no action on services."""

    template = "Unknown action"


class ServiceNotUpdatable(BadInput):
    """Only nova-compute can be disabled or forced down."""

    template = (
        "Updating a %(binary)s service is not supported. Only nova-compute services can be updated."
    )


class MissingForcedDown(BadInput):
    """force-down without saying which way."""

    template = "Missing forced_down field"


class MissingDisabledReason(BadInput):
    """disable-log-reason without a reason."""

    template = "Missing disabled reason field"


class ReasonWithEnabled(BadInput):
    """A reason for being disabled, given with status enabled."""

    template = "Specifying 'disabled_reason' with status 'enabled' is invalid."


class NoUpdates(BadInput):
    """An update that changes nothing."""

    template = "No updates were requested. Fields 'status' or 'forced_down' should be specified."


class EvacuationsRemain(BadInput):
    """The host still has evacuations to clean up after."""

    template = (
        "Unable to force up host %(host)s as `done` evacuation migration records remain "
        "associated with the host. Ensure the compute service has been restarted, allowing these "
        "records to move to `completed` before retrying this request."
    )


class ComputeServiceInUse(Conflict):
    """Servers are on the host of the service that is to be deleted."""

    template = (
        "Unable to delete compute service that is hosting instances. "
        "Migrate or delete the instances first."
    )


class ComputeServiceMigrating(Conflict):
    """A migration involves the host of the service that is to be deleted."""

    template = (
        "Unable to delete compute service that has in-progress migrations. "
        "Complete the migrations or delete the instances first."
    )


class FeatureNotSupported(EmulatorError):
    """The host's driver cannot do this; real drivers answer the same."""

    status = 501
    template = "The requested functionality is not supported."


class ComputeServiceDown(BadInput):
    """The host's nova-compute is down and cannot be asked."""

    template = "Compute service of %(host)s is unavailable at this time."


# Hypervisors


class HypervisorNotFound(NotFound):
    """No hypervisor has this id."""

    template = "Hypervisor with ID '%(id)s' could not be found."


class NoHypervisorMatches(NotFound):
    """No hypervisor's name has this in it."""

    template = "No hypervisor matching '%(pattern)s' could be found."


class MarkerNotFound(BadInput):
    """No hypervisor has the id that the page is to begin after."""

    template = "marker [%(marker)s] not found"


class PagedPattern(BadInput):
    """A search by name cannot be read in pages (Nova loses its own sentence here)."""

    template = (
        "The server could not comply with the request since it is either malformed or otherwise "
        "incorrect."
    )


# Aggregates


class AggregateNotFound(NotFound):
    """No aggregate has this id."""

    template = "Aggregate %(aggregate_id)s could not be found."


class AggregateNameExists(Conflict):
    """Another aggregate has the name."""

    template = "Aggregate %(aggregate_name)s already exists."


class AggregateHostExists(Conflict):
    """The host is in the aggregate."""

    template = "Aggregate %(aggregate_id)s already has host %(host)s."


class CannotRemoveHost(NotFound):
    """The host is not in the aggregate, or there is no such host or aggregate."""

    template = "Cannot remove host %(host)s in aggregate %(id)s"


class ComputeHostNotFound(NotFound):
    """No nova-compute runs on a host of this name."""

    template = "Compute host %(host)s could not be found."


class CannotAddHost(Conflict):
    """The host's zone would change in a way that cannot be."""

    template = "Cannot add host to aggregate %(aggregate_id)s. Reason: %(reason)s."


class CannotTakeHost(Conflict):
    """The host has servers whose zone would change."""

    template = "Cannot remove host from aggregate %(aggregate_id)s. Reason: %(reason)s."


class AggregateNotEmpty(BadInput):
    """The aggregate that is to be deleted has hosts."""

    template = (
        "Cannot remove host from aggregate %(aggregate_id)s. Reason: Host aggregate is not empty."
    )


class CannotUpdateAggregate(BadInput):
    """The zone of the aggregate's hosts would change in a way that cannot be.

    A new name that was asked for at the same time is kept, as Nova keeps it.
    """

    keeps_changes = True
    template = "Cannot update aggregate %(aggregate_id)s. Reason: %(reason)s."


class CannotUpdateMetadata(BadInput):
    """The same, when the zone was given as metadata."""

    template = "Cannot update metadata of aggregate %(aggregate_id)s. Reason: %(reason)s."


class DuplicateImages(BadInput):
    """An image to be cached is named twice."""

    template = "Duplicate images in request"


class ImageNotFound(BadInput):
    """An image to be cached is not there."""

    template = "Image %(image_id)s could not be found."
