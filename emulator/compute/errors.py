"""Nova's error envelope, its wording of refusals, and its named errors with their message texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.compute.formats import FORMATS
from emulator.errors import (
    BadInput,
    Conflict,
    EmulatorError,
    Forbidden,
    Gone,
    NotFound,
    QuotaExceeded,
    UnsupportedMediaType,
)
from emulator.wire.envelopes import fault, page, token_refused
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.steps import BodyTooLarge, NoSuchMethod, NoSuchPath, TokenRefused
from emulator.wire.validation import Dialect

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

# The literal %s is Nova's own.
TOO_LARGE = "Request is too large. Larger than max_request_body_size (%s)."


class UnknownMediaType(UnsupportedMediaType):
    """The Content-Type is none that Nova reads."""

    template = "Unsupported Content-Type"


class ProjectMismatch(BadInput):
    """The URL names another project than the token's."""

    template = (
        "Malformed request URL: URL's project_id '%(given)s' "
        "doesn't match Context's project_id '%(own)s'"
    )


# Flavors


class FlavorNotFound(NotFound):
    """No flavor has this id."""

    template = "Flavor %(flavor_id)s could not be found."


class FlavorExists(Conflict):
    """A flavor has this name."""

    template = "Flavor with name %(name)s already exists."


class FlavorIdExists(Conflict):
    """A flavor has this id."""

    template = "Flavor with ID %(flavor_id)s already exists."


class InvalidFlavor(BadInput):
    """What is asked for is no flavor."""


class InvalidFlavorQuery(BadInput):
    """A filter or a page of flavors that cannot be."""


class FlavorExtraSpecNotFound(NotFound):
    """The flavor has no such extra spec."""

    template = "Flavor %(flavor_id)s has no extra specs with key %(key)s."


class InvalidExtraSpec(BadInput):
    """An extra spec with a name or value that cannot be."""


class FlavorAccessExists(Conflict):
    """The project has access already, or does not need it."""

    template = (
        "Flavor access already exists for flavor %(flavor_id)s"
        " and project %(project_id)s combination."
    )


class FlavorAccessNotFound(NotFound):
    """The project has no access that could be taken away, or the flavor is public."""

    template = "Flavor access not found for %(flavor_id)s / %(project_id)s combination."


class NoAccessList(NotFound):
    """A public flavor has no list of who may use it."""

    template = "Access list not available for public flavors."


class PublicFlavor(Conflict):
    """A public flavor needs no access."""

    template = "Can not add access to a public flavor."


# Quotas and projects


class NoSuchProject(BadInput):
    """Identity knows no such project."""

    template = "Project ID %(project_id)s is not a valid project."


class TooManyServers(QuotaExceeded):
    """Instances, cores or ram would be more than the quota allows."""

    template = (
        "Quota exceeded for %(overs)s: Requested %(req)s,"
        " but already used %(used)s of %(allowed)s %(overs)s"
    )


class InvalidQuotaLimit(BadInput):
    """A limit below what is in use or above what there is."""


class MarkerNotFound(BadInput):
    """The page is to begin behind a row that is not there."""

    template = "Marker %(marker)s could not be found."


class InvalidUsagePeriod(BadInput):
    """Moments between which no server can have run."""


class InvalidAuditDate(BadInput):
    """A date that Nova cannot read."""

    template = "Invalid timestamp for date %(date)s"


class AskIronic(BadInput):
    """Compute never managed bare metal by itself."""

    template = (
        "Command not supported. Please use Ironic command %(command)s to perform this action."
    )


class Removed(Gone):
    """An interface that is no more."""

    template = "This resource is no longer available. No forwarding address is given."


# What other services know, in Compute's words


class ImageNotFoundHere(NotFound):
    """Image shows the caller no image of this id."""

    template = "Image not found."


class ImageNotYours(Forbidden):
    """Image does not let the caller change an image."""


class InvalidImageQuery(BadInput):
    """Image refuses to list images like that."""


class TooMuchImageMetadata(QuotaExceeded):
    """More metadata than the quota allows."""

    template = "Image metadata limit exceeded"


class ImageMetadataMismatch(BadInput):
    """The URL names one key, the body another."""

    template = "Request body and URI mismatch"


class NetworkNotFoundHere(NotFound):
    """Network shows the caller no network of this id."""

    template = "Network not found"


class FloatingIpNotFound(NotFound):
    """Network shows the caller no floating IP of this id."""

    template = "Floating IP not found for ID %(id)s"


class FloatingIpPoolNotFound(NotFound):
    """No external network has this name."""

    template = "Floating IP pool not found."


class VolumeNotFoundHere(NotFound):
    """Block Storage shows the caller no volume or snapshot of this id."""

    template = "%(what)s %(id)s could not be found."


class RefusedByVolume(BadInput):
    """Block Storage refuses, in the words of its client."""

    template = "Invalid input received: %(reason)s (HTTP 400) (Request-ID: %(request_id)s)"


class NoMoreVolumes(QuotaExceeded):
    """Block Storage's quotas allow no more volumes or snapshots."""


class SecurityGroupNotFoundHere(NotFound):
    """Network shows the caller no security group or rule of this id."""


class InvalidSecurityGroup(BadInput):
    """A security group or rule that cannot be."""


class TooManySecurityGroups(QuotaExceeded):
    """Network makes no more security groups, or no second default one."""


# Key pairs


class KeypairNotFound(NotFound):
    """The user has no key pair of this name."""

    template = "Keypair %(name)s not found for user %(user_id)s"


class KeypairExists(Conflict):
    """The user has a key pair of this name."""

    template = "Key pair '%(name)s' already exists."


class InvalidKeypair(BadInput):
    """A name or a public key that cannot be."""

    template = "Keypair data is invalid: %(reason)s"


class TooManyKeypairs(QuotaExceeded):
    """The user has as many key pairs as the quota allows."""

    template = "Quota exceeded, too many key pairs."


# Server groups


class ServerGroupNotFound(NotFound):
    """No server group of this project has this id."""

    template = "Instance group %(group_id)s could not be found."


class InvalidServerGroup(BadInput):
    """A policy with rules that it does not have."""


class TooManyServerGroups(QuotaExceeded):
    """The project has as many server groups as the quota allows."""

    template = "Quota exceeded, too many server groups."


# Servers


class InstanceNotFound(NotFound):
    """No server has this id, or it is another project's."""

    template = "Instance %(instance_id)s could not be found."


class InstanceNotMapped(NotFound):
    """No cell knows this id: the wording of the few calls that look up the cell themselves."""

    template = "Instance %(instance_id)s has no mapping to a cell."


class CellNotFound(NotFound):
    """The emulator's own API is asked about a cell that is not there."""

    template = "There is no cell named %(name)s."


class CellNotResponding(BadInput):
    """The server is in a cell that is down. Nova answers 500 here, with this message."""

    template = (
        "Cell %(uuid)s is not responding or returned an exception, hence instance info is not"
        " available."
    )


class InstanceIsLocked(Conflict):
    """The server is locked and the caller is no admin."""

    template = "Instance %(instance_uuid)s is locked"


class InstanceNotReady(Conflict):
    """The server is on no host."""

    template = "Instance %(instance_id)s is not ready"


class InstanceInvalidState(Conflict):
    """The server's state does not allow this."""

    template = "Cannot '%(method)s' instance %(instance_uuid)s while it is in %(attr)s %(state)s"

    @classmethod
    def of(cls, server: Any, called: str, attr: str, state: str | None) -> InstanceInvalidState:
        """Word the refusal; without a state to name it is the short form."""
        if state is None:
            return cls(f"Instance {server['uuid']} is in an invalid state for '{called}'")
        return cls(method=called, instance_uuid=server["uuid"], attr=attr, state=state)


class NoValidHost(BadInput):
    """The scheduler found no host; a server that was to be created goes to ERROR with this."""

    template = "No valid host was found. %(reason)s"


def render_error(error: EmulatorError, ctx: Context) -> Reply:
    """Return Nova's answer of an error; a path that no route has never reaches Nova's own."""
    if isinstance(error, TokenRefused):
        return token_refused(error, ctx)
    if isinstance(error, NoSuchPath | NoSuchMethod):
        return page(ctx, "404 Not Found", "The resource could not be found.")
    if isinstance(error, BodyTooLarge):
        ctx.version_known = False  # the body's size is looked at before anything else
        return page(ctx, "413 Request Entity Too Large", TOO_LARGE)
    return fault(error, "computeFault")


def word_body_refusal(error: ValidationError) -> EmulatorError:
    """Word a refusal of a body (Nova 34.0.0, nova.api.validation.validators)."""
    if error.path:
        return BadInput(
            f"Invalid input for field/attribute {error.path[-1]}. "
            f"Value: {error.instance}. {error.message}"
        )
    return BadInput(error.message)


def word_query_refusal(error: ValidationError) -> EmulatorError:
    """Word a refusal of a query."""
    if error.path:
        return BadInput(
            f"Invalid input for query parameters {error.path[0]}. "
            f"Value: {error.instance}. {error.message}"
        )
    return BadInput(error.message)


DIALECT = Dialect(
    formats=FORMATS,
    word_body=word_body_refusal,
    word_query=word_query_refusal,
    numeric_text=True,
    drops_unknown=True,
)
