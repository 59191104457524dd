"""What requests about volumes must be (Cinder 29.0.0, cinder.api.schemas.volumes)."""

from __future__ import annotations

from emulator.volume.schemas import (
    BOOLEAN_OR_NULL,
    DESCRIPTION,
    METADATA,
    METADATA_OR_NULL,
    NAME,
    SHORT_TEXT,
    SIZE_OR_NULL,
    UUID_OR_NULL,
)
from emulator.wire.versioned import Body, Object, Switch, either, prop

STRICT_SINCE_353 = Switch(either(True, until="3.52"), either(False, since="3.53"))

CREATE = Body(
    "volume",
    schema=Object(
        prop("name", NAME),
        prop("description", DESCRIPTION),
        prop("display_name", NAME),
        prop("display_description", DESCRIPTION),
        prop("volume_type", SHORT_TEXT),
        prop("metadata", METADATA_OR_NULL),
        prop("snapshot_id", UUID_OR_NULL),
        prop("source_volid", UUID_OR_NULL),
        prop("consistencygroup_id", UUID_OR_NULL),
        prop("size", SIZE_OR_NULL),
        prop("availability_zone", {"type": ["string", "null"], "minLength": 1, "maxLength": 255}),
        prop("multiattach", BOOLEAN_OR_NULL),
        prop("image_id", SHORT_TEXT),
        prop("imageRef", SHORT_TEXT),
        prop("group_id", SHORT_TEXT, since="3.13"),
        prop("backup_id", UUID_OR_NULL, since="3.47"),
        unknown=STRICT_SINCE_353,
    ),
    beside=(prop("OS-SCH-HNT:scheduler_hints", {"type": ["object", "null"]}),),
)
ANY_OF_UPDATE = Switch(
    either([{}], until="3.52"),
    either(
        [
            {"required": [name]}
            for name in ("name", "description", "display_name", "display_description", "metadata")
        ],
        since="3.53",
    ),
)
UPDATE = Body(
    "volume",
    schema=Object(
        prop("name", NAME),
        prop("description", DESCRIPTION),
        prop("display_name", NAME),
        prop("display_description", DESCRIPTION),
        prop("metadata", METADATA),
        anyOf=ANY_OF_UPDATE,
    ),
)
METADATA_BODY = Body("metadata", schema=METADATA)
META_BODY = Body("meta", schema={**METADATA, "minProperties": 1, "maxProperties": 1})
