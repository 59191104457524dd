"""What goes wrong with metadata definitions, in Glance's words."""

from __future__ import annotations

from emulator.errors import Conflict, Forbidden, NotFound


class NamespaceNotFound(NotFound):
    """No namespace has this name."""

    template = "Metadata definition namespace=%(namespace)s was not found."


class NamespaceOfItemNotFound(NotFound):
    """The namespace to work in is not there, or not for this caller."""

    template = "Namespace %(namespace)s not found"


class DuplicateNamespace(Conflict):
    """A namespace of this name exists."""

    template = "The metadata definition namespace=%(namespace)s already exists."


class NamespaceNameTaken(Conflict):
    """A namespace cannot be renamed like another."""

    template = (
        "Invalid update. It would result in a duplicate metadata definition namespace "
        "with the same name of %(namespace)s"
    )


class ProtectedNamespace(Forbidden):
    """Nothing of a protected namespace is deleted."""

    template = "Metadata definition namespace %(namespace)s is protected and cannot be deleted."


class ProtectedDefinition(Forbidden):
    """What is in a protected namespace is not deleted."""

    template = "Metadata definition %(noun)s %(name)s is protected and cannot be deleted."


class DefinitionNotFound(NotFound):
    """The namespace has no object, property or tag of this name."""

    template = "Could not find %(noun)s %(name)s"


class DuplicateDefinition(Conflict):
    """The namespace has an object or property of this name."""

    template = (
        "A metadata definition %(kind)s with name=%(name)s already exists "
        "in namespace=%(namespace)s."
    )


class DuplicateDefinitionTag(Conflict):
    """The namespace has a tag of this name."""

    template = (
        "A metadata tag with name=%(name)s already exists in namespace=%(namespace)s. "
        "(Please note that metadata tag names are case insensitive)."
    )


class DefinitionNameTaken(Conflict):
    """An object, property or tag cannot be renamed like another."""

    template = (
        "Invalid update. It would result in a duplicate metadata definition %(kind)s "
        "with same name=%(name)s in namespace=%(namespace)s."
    )


class DuplicateAssociation(Conflict):
    """The namespace is associated with this resource type."""

    template = (
        "The metadata definition resource-type association of resource-type=%(name)s "
        "to namespace=%(namespace)s already exists."
    )


class ResourceTypeNotFound(NotFound):
    """No resource type has this name."""

    template = "The metadata definition resource-type with name=%(name)s, was not found."


class AssociationNotFound(NotFound):
    """The namespace is not associated with this resource type."""

    template = (
        "The metadata definition resource-type association of resource-type=%(name)s "
        "to namespace=%(namespace)s, was not found."
    )


class AssociationToDeleteNotFound(NotFound):
    """The association to delete is not there."""

    template = "Failed to find resource type %(name)s to delete"


class PrefixMismatch(NotFound):
    """A property asked for as a resource type's does not begin with the type's prefix."""

    template = (
        "Property %(name)s does not start with the expected resource type association "
        "prefix of '%(prefix)s'."
    )
