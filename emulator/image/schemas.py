"""The schemas that Glance publishes below /v2/schemas, and the check of a value against one.

Names, types, limits, descriptions and their order are Glance 33.0.0's: its refusals quote them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from emulator.image.errors import SchemaMismatch
from emulator.wire.operation import Handler
from emulator.wire.request import Context
from emulator.wire.validation import Dialect

UUID_PATTERN = (
    "^([0-9a-fA-F]){8}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){12}$"
)

IMAGE_PROPERTIES: Mapping[str, Any] = {
    "id": {"type": "string", "description": "An identifier for the image", "pattern": UUID_PATTERN},
    "name": {
        "type": ["null", "string"],
        "description": "Descriptive name for the image",
        "maxLength": 255,
    },
    "status": {
        "type": "string",
        "readOnly": True,
        "description": "Status of the image",
        "enum": [
            "queued",
            "saving",
            "active",
            "killed",
            "deleted",
            "uploading",
            "importing",
            "pending_delete",
            "deactivated",
        ],
    },
    "visibility": {
        "type": "string",
        "description": "Scope of image accessibility",
        "enum": ["community", "public", "private", "shared"],
    },
    "protected": {"type": "boolean", "description": "If true, image will not be deletable."},
    "os_hidden": {
        "type": "boolean",
        "description": "If true, image will not appear in default image list response.",
    },
    "checksum": {
        "type": ["null", "string"],
        "readOnly": True,
        "description": "md5 hash of image contents.",
        "maxLength": 32,
    },
    "os_hash_algo": {
        "type": ["null", "string"],
        "readOnly": True,
        "description": "Algorithm to calculate the os_hash_value",
        "maxLength": 64,
    },
    "os_hash_value": {
        "type": ["null", "string"],
        "readOnly": True,
        "description": "Hexdigest of the image contents using the algorithm "
        "specified by the os_hash_algo",
        "maxLength": 128,
    },
    "owner": {"type": ["null", "string"], "description": "Owner of the image", "maxLength": 255},
    "size": {
        "type": ["null", "integer"],
        "readOnly": True,
        "description": "Size of image file in bytes",
    },
    "virtual_size": {
        "type": ["null", "integer"],
        "readOnly": True,
        "description": "Virtual size of image in bytes",
    },
    "container_format": {
        "type": ["null", "string"],
        "description": "Format of the container",
        "enum": [None, "ami", "ari", "aki", "bare", "ovf", "ova", "docker", "compressed"],
    },
    "disk_format": {
        "type": ["null", "string"],
        "description": "Format of the disk",
        "enum": [
            None,
            "ami",
            "ari",
            "aki",
            "vhd",
            "vhdx",
            "vmdk",
            "raw",
            "qcow2",
            "vdi",
            "iso",
            "ploop",
        ],
    },
    "created_at": {
        "type": "string",
        "readOnly": True,
        "description": "Date and time of image registration",
    },
    "updated_at": {
        "type": "string",
        "readOnly": True,
        "description": "Date and time of the last image modification",
    },
    "tags": {
        "type": "array",
        "description": "List of strings related to the image",
        "items": {"type": "string", "maxLength": 255},
    },
    "direct_url": {
        "type": "string",
        "readOnly": True,
        "description": "URL to access the image file kept in external store",
    },
    "min_ram": {"type": "integer", "description": "Amount of ram (in MB) required to boot image."},
    "min_disk": {
        "type": "integer",
        "description": "Amount of disk space (in GB) required to boot image.",
    },
    "self": {"type": "string", "readOnly": True, "description": "An image self url"},
    "file": {"type": "string", "readOnly": True, "description": "An image file url"},
    "stores": {
        "type": "string",
        "readOnly": True,
        "description": "Store in which image data resides.  Only present when the operator "
        "has enabled multiple stores.  May be a comma-separated list of "
        "store identifiers.",
    },
    "schema": {"type": "string", "readOnly": True, "description": "An image schema url"},
    "locations": {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "url": {"type": "string", "maxLength": 255},
                "metadata": {"type": "object"},
                "validation_data": {
                    "description": "Values to be used "
                    "to populate the "
                    "corresponding "
                    "image properties. "
                    "If the image "
                    "status is not "
                    "'queued', values "
                    "must exactly match "
                    "those already "
                    "contained in the "
                    "image properties.",
                    "type": "object",
                    "writeOnly": True,
                    "additionalProperties": False,
                    "properties": {
                        "checksum": {"type": "string", "minLength": 32, "maxLength": 32},
                        "os_hash_algo": {"type": "string", "maxLength": 64},
                        "os_hash_value": {"type": "string", "maxLength": 128},
                    },
                    "required": ["os_hash_algo", "os_hash_value"],
                },
            },
            "required": ["url", "metadata"],
        },
        "description": "A set of URLs to access the image file kept in external store",
    },
}

MEMBER_PROPERTIES: Mapping[str, Any] = {
    "member_id": {"type": "string", "description": "An identifier for the image member (tenantId)"},
    "image_id": {
        "type": "string",
        "description": "An identifier for the image",
        "pattern": UUID_PATTERN,
    },
    "created_at": {"type": "string", "description": "Date and time of image member creation"},
    "updated_at": {
        "type": "string",
        "description": "Date and time of last modification of image member",
    },
    "status": {
        "type": "string",
        "description": "The status of this image member",
        "enum": ["pending", "accepted", "rejected"],
    },
    "schema": {"readOnly": True, "type": "string"},
}

TASK_PROPERTIES: Mapping[str, Any] = {
    "id": {"description": "An identifier for the task", "pattern": UUID_PATTERN, "type": "string"},
    "type": {
        "description": "The type of task represented by this content",
        "enum": ["import", "api_image_import", "location_import"],
        "type": "string",
    },
    "status": {
        "description": "The current status of this task",
        "enum": ["pending", "processing", "success", "failure"],
        "type": "string",
    },
    "input": {
        "description": "The parameters required by task, JSON blob",
        "type": ["null", "object"],
    },
    "result": {"description": "The result of current task, JSON blob", "type": ["null", "object"]},
    "owner": {"description": "An identifier for the owner of this task", "type": "string"},
    "message": {
        "description": "Human-readable informative message only included when appropriate "
        "(usually on failure)",
        "type": "string",
    },
    "image_id": {"description": "Image associated with the task", "type": "string"},
    "request_id": {"description": "Human-readable informative request-id", "type": "string"},
    "user_id": {"description": "User associated with the task", "type": "string"},
    "expires_at": {
        "description": "Datetime when this resource would be subject to removal",
        "type": ["null", "string"],
    },
    "created_at": {"description": "Datetime when this resource was created", "type": "string"},
    "updated_at": {"description": "Datetime when this resource was updated", "type": "string"},
    "self": {"readOnly": True, "type": "string"},
    "schema": {"readOnly": True, "type": "string"},
}

ADD_LOCATION_PROPERTIES: Mapping[str, Any] = {
    "add_location": {
        "type": "object",
        "description": (
            "Values of location url, do_secure_hash and validation_data for new add location API"
        ),
        "properties": {
            "url": {
                "type": "string",
                "readOnly": True,
                "description": "The URL of the new location to be added in the image.",
            },
            "validation_data": {
                "description": (
                    "Values to be used to populate the corresponding image properties."
                    "do_secure_hash is not True then image checksum and hash will not be "
                    "calculated so it is the responsibility of the consumer of location ADD API "
                    "to provide the correct values in the validation_data parameter"
                ),
                "type": "object",
                "writeOnly": True,
                "additionalProperties": False,
                "properties": {
                    "os_hash_algo": {
                        "type": "string",
                        "maxLength": 64,
                        "enum": ["sha1", "sha256", "sha512", "md5"],
                    },
                    "os_hash_value": {"type": "string", "maxLength": 128},
                },
                "dependentRequired": {
                    "os_hash_value": ["os_hash_algo"],
                    "os_hash_algo": ["os_hash_value"],
                },
            },
        },
        "required": ["url"],
    },
}

IMAGE_LINKS = (
    {"rel": "self", "href": "{self}"},
    {"rel": "enclosure", "href": "{file}"},
    {"rel": "describedby", "href": "{schema}"},
)
COLLECTION_LINKS = (
    {"rel": "first", "href": "{first}"},
    {"rel": "next", "href": "{next}"},
    {"rel": "describedby", "href": "{schema}"},
)


def collection(name: str, item: Any, *, paged: bool = True) -> dict[str, Any]:
    """Return the schema of a list of items (Glance 33.0.0, glance.schema.CollectionSchema)."""
    item = dict(item)
    definitions = item.pop("definitions", None)
    pages = {"first": {"type": "string"}, "next": {"type": "string"}} if paged else {}
    schema = {
        "name": name,
        "properties": {
            name: {"type": "array", "items": item},
            **pages,
            "schema": {"type": "string"},
        },
        "links": list(COLLECTION_LINKS if paged else COLLECTION_LINKS[2:]),
    }
    if definitions:
        schema["definitions"] = definitions
    return schema


IMAGE = {
    "name": "image",
    "properties": IMAGE_PROPERTIES,
    "additionalProperties": {"type": "string"},
    "links": list(IMAGE_LINKS),
}
MEMBER = {"name": "member", "properties": MEMBER_PROPERTIES, "additionalProperties": False}
TASK = {"name": "task", "properties": TASK_PROPERTIES, "additionalProperties": False}
LOCATION = {
    "name": "location",
    "properties": ADD_LOCATION_PROPERTIES,
    "additionalProperties": {"type": "string"},
}

SHOWN_MEMBER = {"name": "member", "properties": MEMBER_PROPERTIES}
SHOWN_TASK = {"name": "task", "properties": TASK_PROPERTIES}
TASK_STUB = {
    "name": "task",
    "properties": {
        name: value
        for name, value in TASK_PROPERTIES.items()
        if name not in ("input", "result", "message")
    },
}

SCHEMAS: Mapping[str, Any] = {
    "image": IMAGE,
    "images": collection("images", IMAGE),
    "member": SHOWN_MEMBER,
    "members": collection("members", SHOWN_MEMBER, paged=False),
    "task": SHOWN_TASK,
    "tasks": collection("tasks", TASK_STUB, paged=False),
}


def check(schema: Any, value: Any) -> None:
    """Raise SchemaMismatch, in jsonschema's words, unless the value satisfies the schema."""
    _dialect(schema["name"]).check_body(schema, value)


def check_with_dependencies(schema: Any, value: Any) -> None:
    """Do the same for a schema with dependentRequired, which the quick check does not know."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    error = best_match(Draft202012Validator(schema).iter_errors(value))
    if error is not None:
        raise SchemaMismatch(schema=schema["name"], reason=str(error))


@lru_cache
def _dialect(name: str) -> Dialect:
    def first_error(validator: Any, value: Any) -> Any:
        from jsonschema.exceptions import best_match

        return best_match(validator.iter_errors(value))

    def word(error: Any) -> SchemaMismatch:
        return SchemaMismatch(schema=name, reason=str(error))

    return Dialect(formats={}, word_body=word, word_query=word, first_error=first_error)


# Operations


def shower(schema: Any) -> Handler:
    """Return the operation that shows a published schema."""

    def show(ctx: Context) -> Any:
        """Show a published schema."""
        return schema

    return show
