"""Glance's named errors, with its words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.errors import (
    BadInput,
    Conflict,
    EmulatorError,
    Forbidden,
    Gone,
    MethodNotAllowed,
    NotFound,
    PolicyForbidden,
    RangeNotSatisfiable,
    TooLarge,
    UnsupportedMediaType,
)
from emulator.image.pages import Bare, Behind
from emulator.wire.validation import Dialect

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError


class ImageForbidden(PolicyForbidden):
    """A policy rule said no."""

    template = "You are not authorized to complete %(rule)s action."


class Hidden(NotFound):
    """A policy rule said no to somebody who may not even see the resource."""

    template = "The resource could not be found."


class ImageNotFound(NotFound):
    """No image has this id, or the caller may not see it."""

    template = "No image found with ID %(image_id)s"


class ImageToDeleteNotFound(NotFound):
    """The image to delete is not there."""

    template = "Failed to find image %(image_id)s to delete"


class ImageOfTagNotFound(NotFound):
    """The image to tag, or to share, is not there."""

    template = "Image %(image_id)s not found."


class TagNotFound(NotFound):
    """The image does not have this tag."""

    template = "The resource could not be found."


class MarkerNotFound(BadInput):
    """The marker names no image."""

    template = "No image found with ID %(image_id)s"


class BodyExpected(BadInput):
    """A request without a body that needs one."""

    template = "Body expected in request."


class MalformedJson(BadInput):
    """The body is not JSON."""

    template = "Malformed JSON in request body."


class UnexpectedBodyType(BadInput):
    """The body is JSON, yet neither an object nor a list."""

    template = "Unexpected body type. Expected list/dict."


class SchemaMismatch(BadInput):
    """A value does not satisfy a schema that Glance publishes."""

    template = "Provided object does not match schema '%(schema)s': %(reason)s"


class ReadOnlyAttribute(Forbidden):
    """An attribute that only Glance sets."""

    template = "Attribute '%(name)s' is read-only."


class ReservedAttribute(Forbidden):
    """A name that no property may have."""

    template = "Attribute '%(name)s' is reserved."


class ReservedName(Behind, ReservedAttribute):
    """A name that no property may have, found while the request is read."""


class PropertyNameTooLong(BadInput):
    """A property name of more than 255 characters."""

    template = "Custom property should not be greater than 255 characters."


class ForeignOwner(Behind, Forbidden):
    """Only admin makes images for another project."""

    template = "You are not permitted to create images owned by '%(owner)s'"


class OwnerChange(Behind, Forbidden):
    """Only admin gives an image away."""

    template = "Owner can't be updated by non admin."


class FormatFixed(Forbidden):
    """The formats are settled once there is data."""

    template = "Attribute %(name)s can be only replaced for a queued image."


class DuplicateImage(Conflict):
    """An image of this id exists, or existed."""

    template = "Image ID %(image_id)s already exists!"


class NegativeValue(BadInput):
    """min_ram or min_disk below zero."""

    template = "Invalid value '%(value)s' for parameter '%(name)s': Cannot be a negative value"


class ValueOutOfRange(BadInput):
    """More than an amount may be."""

    template = "'%(name)s' value out of range, must not exceed %(maximum)d."


class Undecodable(BadInput):
    """The query is no UTF-8."""

    template = (
        "Error decoding your request. Either the URL or the request body contained characters "
        "that could not be decoded by Glance"
    )


class PropertyMissing(Behind, Conflict):
    """A patch of a property that the image does not have."""

    template = "Property %(name)s does not exist."


class PropertyPresent(Behind, Conflict):
    """A patch in the old media type adds a property that is there."""

    template = "Property %(name)s already present."


class PropertyNotRemovable(Behind, Forbidden):
    """An attribute that every image has."""

    template = "Property %(name)s may not be removed."


class ProtectedImage(Forbidden):
    """A protected image is not deleted."""

    template = "Image %(image_id)s is protected and cannot be deleted."


class StatusConflict(Conflict):
    """The image cannot go from its status to that one."""

    template = "Image status transition from %(status)s to %(wanted)s is not allowed"


class StatusForbidden(Forbidden):
    """Activation and deactivation are for images with data."""

    template = "Not allowed to %(verb)s image in status '%(status)s'"


class FormatsMissing(BadInput):
    """Data comes before the formats are known."""

    def __init__(self, names: list[str]) -> None:
        noun = "Property" if len(names) == 1 else "Properties"
        super().__init__(f"{noun} {', '.join(names)} must be set prior to saving data.")


class ImageDeactivated(Forbidden):
    """A deactivated image gives its data to admin alone."""

    template = "The requested image has been deactivated. Image data download is forbidden."


class WrongContentType(UnsupportedMediaType):
    """The body is of a type that this operation does not read."""

    template = "%(detail)s"


class DataFormatMismatch(UnsupportedMediaType):
    """The data is of another disk format than the image says."""

    template = "Image disk_format %(declared)s does not match stream data %(found)s"


class InvalidImageSize(BadInput):
    """The size header is not a number."""

    template = "Invalid or missing image size in request headers."


class ImageTooLarge(TooLarge):
    """More data than an image may have."""

    template = "The incoming image is too large: The provided image is too large."


class SizeExceeded(BadInput):
    """More bytes came than the request promised."""

    template = "Size exceeds: expected %(expected)d bytes, got %(actual)d bytes"


class SizeDiffers(BadInput):
    """Fewer bytes came than the request promised."""

    template = "Size mismatch: expected %(expected)d bytes, got %(actual)d bytes"


class UnknownStore(BadInput):
    """No store has this name."""

    template = "Store for identifier %(store)s not found"


class ImageVanished(Gone):
    """The image was deleted while its data came."""

    template = (
        "Image %(image_id)s could not be found after upload. The image may have been deleted "
        "during the upload, cleaning up the chunks uploaded."
    )


class ReadOnlyStore(Gone):
    """The store only reads."""

    template = "Error in store configuration. Adding images to store is disabled."


class StoreNotConfigured(BadInput):
    """A download prefers a store that does not exist."""

    template = "Store '%(store)s' is not configured."


class MultipleRanges(BadInput):
    """Only one range at a time."""

    template = (
        "Requests with multiple ranges are not supported in Glance. "
        "You may make multiple single-range requests instead."
    )


class BadRange(Behind, RangeNotSatisfiable):
    """The Range header names bytes that do not exist, or is no range."""


class TagLimitExceeded(TooLarge):
    """More tags than an image may have."""

    reason = "quota"
    template = (
        "The limit has been exceeded on the number of allowed image tags. "
        "Attempted: %(attempted)s, Maximum: %(maximum)s"
    )


class ImageTagLimitExceeded(TooLarge):
    """One tag more than an image may have."""

    reason = "quota"
    template = (
        "Image tag limit exceeded for image %(image_id)s: The limit has been exceeded on the "
        "number of allowed image tags. Attempted: %(attempted)s, Maximum: %(maximum)s:"
    )


class PropertyLimitExceeded(TooLarge):
    """More properties than an image may have."""

    reason = "quota"
    template = (
        "The limit has been exceeded on the number of allowed image properties. "
        "Attempted: %(attempted)s, Maximum: %(maximum)s"
    )


class MembersForbidden(Forbidden):
    """What the caller may not do about the members of an image."""


class MembersHidden(NotFound):
    """The image has no members, being of another visibility."""


class MemberNotFound(NotFound):
    """The project is no member of the image."""

    template = "%(member_id)s not found in the member list of the image %(image_id)s."


class DuplicateMember(Conflict):
    """The project is a member already."""

    template = "Member %(member_id)s is duplicated for image %(image_id)s"


class MemberLimitExceeded(TooLarge):
    """One member more than an image may have."""

    reason = "quota"
    template = (
        "Image member limit exceeded for image %(image_id)s: The limit has been exceeded on the "
        "number of allowed image members for this image. "
        "Attempted: %(attempted)s, Maximum: %(maximum)s:"
    )


class BadMemberRequest(BadInput):
    """A body about a member that cannot be read."""


class ImportConflict(Conflict):
    """The image is not in a state to be imported, or something else is at work on it."""


class BadImport(BadInput):
    """An import that cannot be asked for like this."""


class BadLocation(BadInput):
    """A location that leads nowhere, or is described wrongly."""

    template = "Invalid location"


class LocationConflict(Conflict):
    """The image is not in a state to be given locations, or is said to be what it is not."""


class LocationStatusConflict(Behind, LocationConflict):
    """The image is not in a state in which its locations change."""

    template = "It's not allowed to %(verb)s locations if image status is %(status)s."


class LocationForbidden(Forbidden):
    """A location that may not be touched."""


class NoLocationsForbidden(Behind, Forbidden):
    """Locations are not taken away all at once."""

    template = "Cannot set locations to empty list."


class LocationLimitExceeded(TooLarge):
    """More locations than an image may have."""

    reason = "quota"
    template = (
        "The limit has been exceeded on the number of allowed image locations. "
        "Attempted: %(attempted)s, Maximum: %(maximum)s"
    )


class StoreConflict(Conflict):
    """Data cannot be removed from that store."""


class NotInStore(NotFound):
    """The image's data is not in that store."""

    template = "Image %(image_id)s is not stored in store %(store)s."


class ImageOfStoreNotFound(NotFound):
    """The image whose data is to be removed from a store is not there."""

    template = "Failed to find image %(image_id)s"


class TaskNotFound(NotFound):
    """No task has this id."""

    template = "Could not find task %(task_id)s"


class TasksAreNotDeleted(Bare, MethodNotAllowed):
    """Tasks end by themselves."""

    template = (
        "This operation is currently not permitted on Glance Tasks. "
        "They are auto deleted after reaching the time based on their expires_at property."
    )


class BadTask(BadInput):
    """A task that cannot be asked for like this."""


class CacheTargetInvalid(BadInput):
    """The cache has two parts; the header names neither."""

    template = "If provided 'x-image-cache-clear-target' must be 'cache', 'queue' or empty string."


class NotCacheable(BadInput):
    """Only active images are cached."""

    template = "Only images with status active can be targeted for queueing"


class CacheNotCentral(Conflict):
    """The nodes of a cache are known only where there is one cache for all."""

    template = "Centralized caching is not enabled"


class QuotaReached(TooLarge):
    """The project's limit does not allow it."""

    reason = "quota"


class InvalidQuery(BadInput):
    """A list was asked for in a way that cannot be answered."""


def forbidden(rule: str) -> EmulatorError:
    """Return Glance's refusal by a policy rule."""
    return ImageForbidden(rule=rule)


def word_refusal(error: ValidationError) -> EmulatorError:
    """Word the refusal of a value that is checked against no schema of a name."""
    return BadInput(error.message)


DIALECT = Dialect(formats={}, word_body=word_refusal, word_query=word_refusal)
