"""Placement's errors, with their codes and texts."""

from __future__ import annotations

from typing import ClassVar

from emulator.errors import (
    BadInput,
    Conflict,
    EmulatorError,
    Forbidden,
    MethodNotAllowed,
    NotAcceptable,
    NotFound,
    UnsupportedMediaType,
)
from emulator.wire.versioned import since

# Codes (since 1.23)

UNDEFINED = "placement.undefined_code"
INVENTORY_IN_USE = "placement.inventory.inuse"
CONCURRENT_UPDATE = "placement.concurrent_update"
DUPLICATE_NAME = "placement.duplicate_name"
PROVIDER_IN_USE = "placement.resource_provider.inuse"
CANNOT_DELETE_PARENT = "placement.resource_provider.cannot_delete_parent"
PROVIDER_NOT_FOUND = "placement.resource_provider.not_found"
DUPLICATE_KEY = "placement.query.duplicate_key"
BAD_VALUE = "placement.query.bad_value"
MISSING_VALUE = "placement.query.missing_value"
ERROR_CODES = since("1.23")


class PassedThrough(EmulatorError):
    """What the real service hands through as an exception: its answer has no Vary header."""

    MARK: ClassVar[str] = "passed-through"


# The protocol


class MalformedVersion(BadInput):
    """The version header is not number.number."""

    template = "Invalid microversion: invalid version string: %(version)s; %(problem)s"


class VersionNotSupported(NotAcceptable):
    """The version asked for is outside the range."""

    template = "Invalid microversion: Unacceptable version header: %(version)s"


class NotProvided(NotAcceptable):
    """The client takes no JSON, and there is nothing else."""

    template = "Only application/json is provided"


class WrongMediaType(UnsupportedMediaType):
    """The body is not said to be JSON."""

    template = "The media type %(given)s is not supported, use application/json"


class MissingMediaType(PassedThrough, BadInput):
    """There is a body, and nothing says what it is."""

    template = "content-type header required when content-length > 0"


class NotYetAllowed(MethodNotAllowed):
    """The method is not there at the version asked for."""


class NotAuthorized(PassedThrough, Forbidden):
    """A policy rule said no."""

    template = "Policy does not allow %(rule)s to be performed."


class MalformedJson(BadInput):
    """The body is not JSON."""

    template = "Malformed JSON: %(problem)s"


class InvalidQuery(BadInput):
    """A query that no schema describes."""

    template = "%(reason)s"


class MissingQuery(BadInput):
    """A query that lacks something."""

    code = MISSING_VALUE
    template = "%(reason)s"


class BadQueryValue(BadInput):
    """A query with a value that does not fit the others."""

    code = BAD_VALUE
    template = "%(reason)s"


class RepeatedQuery(BadInput):
    """A query parameter that may be given once was given twice."""

    code = DUPLICATE_KEY
    template = "Query parameter '%(name)s' may be specified only once."


# Providers


class ProviderNotFound(PassedThrough, NotFound):
    """No resource provider has this uuid."""

    template = "No resource provider with uuid %(uuid)s found"


class ProviderOfInventoryNotFound(NotFound):
    """The same, worded where inventories are read."""

    template = (
        "No resource provider with uuid %(uuid)s found : "
        "No resource provider with uuid %(uuid)s found"
    )


class ProviderOfTraitsNotFound(NotFound):
    """The same, worded where traits and usages are read."""

    template = (
        "No resource provider with uuid %(uuid)s found: "
        "No resource provider with uuid %(uuid)s found"
    )


class ProviderOfAllocationsNotFound(NotFound):
    """The same, worded where allocations are read."""

    template = (
        "Resource provider '%(uuid)s' not found: No resource provider with uuid %(uuid)s found"
    )


class ProviderToDeleteNotFound(NotFound):
    """The same, worded where it is to be deleted."""

    template = "No resource provider with uuid %(uuid)s found for delete"


class ProviderExists(Conflict):
    """The name or the uuid is another provider's."""

    code = DUPLICATE_NAME
    template = "Conflicting resource provider %(duplicate)s already exists."


class CannotCreateProvider(BadInput):
    """The parent given cannot be one."""

    template = (
        'Unable to create resource provider "%(name)s", %(uuid)s: '
        "Object action create failed because: %(reason)s"
    )


class CannotSaveProvider(BadInput):
    """The parent given cannot be one, or the version cannot change it."""

    template = (
        "Unable to save resource provider %(uuid)s: "
        "Object action %(action)s failed because: %(reason)s"
    )


class ProviderInUse(Conflict):
    """The provider that is to be deleted has allocations."""

    code = PROVIDER_IN_USE
    template = "Unable to delete resource provider %(uuid)s: Resource provider has allocations."


class ProviderIsParent(Conflict):
    """The provider that is to be deleted has children."""

    code = CANNOT_DELETE_PARENT
    template = (
        "Unable to delete parent resource provider %(uuid)s: It has child resource providers."
    )


class GenerationConflict(Conflict):
    """The provider was changed since the caller read it."""

    code = CONCURRENT_UPDATE
    template = "resource provider generation conflict"


class GenerationChanged(Conflict):
    """The same, worded where traits and aggregates are written."""

    code = CONCURRENT_UPDATE
    template = (
        "Resource provider's generation already changed. "
        "Please update the generation and try again."
    )


# Inventories


class InvalidInventory(BadInput):
    """An inventory that cannot be (`action` is create or update)."""

    template = "Unable to %(action)s inventory for resource provider %(uuid)s: %(reason)s"


class UnknownInventoryClass(BadInput):
    """An inventory of a resource class that does not exist."""

    template = (
        "Unknown resource class in inventory for resource provider %(uuid)s: "
        "No such resource class %(name)s."
    )


class InventoryExists(Conflict):
    """The provider has an inventory of this class."""

    code = CONCURRENT_UPDATE
    template = "Update conflict: (sqlite3.IntegrityError) UNIQUE constraint failed"


class NoSuchInventory(NotFound):
    """The provider has no inventory of this class."""

    template = "No inventory of class %(name)s for %(uuid)s"


class NoInventoryToDelete(NotFound):
    """The same, worded where it is to be deleted."""

    template = "No inventory of class %(name)s found for delete: %(reason)s"


class NoInventoryToUpdate(BadInput):
    """The same, worded where it is to be changed."""

    template = (
        "No inventory record with resource class for resource provider %(uuid)s: "
        "No inventory of class %(name)s found."
    )


class InventoryInUse(Conflict):
    """Allocations hold some of an inventory that is to go."""

    code = INVENTORY_IN_USE
    template = "%(prefix)sInventory for '%(names)s' on resource provider '%(uuid)s' in use."


class InventoryToDeleteInUse(Conflict):
    """The same for one inventory, which has another code."""

    code = CONCURRENT_UPDATE
    template = (
        "Unable to delete inventory of class %(name)s: "
        "Inventory for '%(name)s' on resource provider '%(uuid)s' in use."
    )


# Resource classes and traits


class ResourceClassNotFound(PassedThrough, NotFound):
    """No resource class has this name."""

    template = "No such resource class %(name)s."


class ResourceClassExists(Conflict):
    """The name is taken."""

    template = "%(prefix)sesource class already exists: %(name)s"


class StandardResourceClass(BadInput):
    """A standard class can be neither changed nor deleted."""

    template = "%(reason)s"


class ResourceClassInUse(Conflict):
    """Some provider has an inventory of the class."""

    template = (
        "Error in delete resource class: Cannot delete resource class %(name)s. "
        "Class is in use in inventory."
    )


class TraitNotFound(NotFound):
    """No trait has this name."""

    template = "No such trait(s): %(name)s."


class NoSuchTrait(BadInput):
    """The same, worded where traits are given to a provider."""

    template = "No such trait %(names)s"


class InvalidTrait(BadInput):
    """The name is none that a custom trait may have."""

    template = (
        "The trait is invalid. A valid trait must be no longer than 255 characters, start with "
        'the prefix "CUSTOM_" and use following characters: "A"-"Z", "0"-"9" and "_"'
    )


class StandardTrait(BadInput):
    """A standard trait cannot be deleted."""

    template = "Cannot delete standard trait %(name)s."


class TraitInUse(Conflict):
    """Some provider has the trait."""

    template = "The trait %(name)s is in use by a resource provider."


# Allocations


class NoCapacity(Conflict):
    """An inventory has not so much left."""

    template = (
        "Unable to allocate inventory: Unable to create allocation for '%(resource_class)s' on "
        "resource provider '%(provider)s'. The requested amount would exceed the capacity."
    )


class ConstraintsViolated(Conflict):
    """The amount is outside an inventory's units or not a multiple of its step."""

    template = (
        "Unable to allocate inventory: Unable to create allocation for '%(resource_class)s' on "
        "resource provider '%(provider)s'. The requested amount would violate inventory "
        "constraints."
    )


class NoInventory(Conflict):
    """The provider has no inventory of the class."""

    template = (
        "Unable to allocate inventory: Inventory for '%(resource_class)s' on "
        "resource provider '%(provider)s' invalid."
    )


class UnknownAllocationClass(BadInput):
    """An allocation of a resource class that does not exist."""

    template = "%(prefix)s No such resource class %(name)s."


class UnknownAllocationProvider(BadInput):
    """An allocation of a provider that does not exist; a consumer made for it stays."""

    keeps_changes = True

    template = "Allocation for resource provider '%(uuid)s' that does not exist."


class MalformedConsumer(BadInput):
    """The consumer is no UUID."""

    template = "Malformed consumer_uuid: %(uuid)s"


class ConsumerChanged(Conflict):
    """The consumer was changed since the caller read it."""

    code = CONCURRENT_UPDATE
    template = "consumer generation conflict - expected %(expected)s but got %(given)s"


class NoAllocations(NotFound):
    """The consumer holds nothing."""

    template = "No allocations for consumer '%(uuid)s'"


# Reshaper


class ReshapedProviderNotFound(BadInput):
    """An inventory is of a provider that does not exist."""

    code = PROVIDER_NOT_FOUND
    template = (
        "Resource provider %(uuid)s in inventories not found: "
        "No resource provider with uuid %(uuid)s found"
    )


class ReshapedGenerationConflict(Conflict):
    """A provider was changed since the caller read it."""

    code = CONCURRENT_UPDATE
    template = (
        "resource provider generation conflict for provider %(uuid)s: "
        "actual: %(actual)s, given: %(given)s"
    )
