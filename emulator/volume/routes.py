"""Cinder's table of contents: every operation and volume action, one row each."""

from __future__ import annotations

from emulator.volume import attachments, quotas, root, services, snapshots, types
from emulator.volume.volumes import actions, operations, queries, schemas
from emulator.wire.operation import Operation, action, load, op

VOLUME = load("volume", queries.find)
SNAPSHOT = load("snapshot", snapshots.find)
ATTACHMENT = load("attachment", attachments.find, target=attachments.target)

VOLUME_ACTIONS = (
    action("os-reset_status", actions.reset_status, body=actions.RESET_STATUS, policy="volume_extension:volume_admin_actions:reset_status"),
    action("os-force_delete", actions.force_delete, body=actions.FORCE_DELETE, policy="volume_extension:volume_admin_actions:force_delete"),
    action("os-extend", actions.extend, body=actions.EXTEND, policy="volume:extend"),
    action("os-retype", actions.retype, body=actions.RETYPE, policy="volume:retype"),
    action("os-set_bootable", actions.set_bootable, status=200, body=actions.SET_BOOTABLE, policy="volume:update"),
    action("os-update_readonly_flag", actions.update_readonly, body=actions.UPDATE_READONLY, policy="volume:update_readonly_flag"),
    action("os-show_image_metadata", actions.show_image_metadata, status=200, body=actions.SHOW_IMAGE_METADATA, policy="volume_extension:volume_image_metadata:show"),
    action("os-set_image_metadata", actions.set_image_metadata, status=200, body=actions.SET_IMAGE_METADATA, policy="volume_extension:volume_image_metadata:set"),
    action("os-unset_image_metadata", actions.unset_image_metadata, status=200, body=actions.UNSET_IMAGE_METADATA, policy="volume_extension:volume_image_metadata:remove"),
    action("os-reserve", actions.reserve, body=actions.RESERVE, policy="volume_extension:volume_actions:reserve"),
    action("os-unreserve", actions.unreserve, body=actions.UNRESERVE, policy="volume_extension:volume_actions:unreserve"),
    action("os-attach", actions.attach, body=actions.ATTACH, policy="volume_extension:volume_actions:attach"),
    action("os-detach", actions.detach, body=actions.DETACH, policy="volume_extension:volume_actions:detach"),
    action("os-begin_detaching", actions.begin_detaching, body=actions.BEGIN_DETACHING, policy="volume_extension:volume_actions:begin_detaching"),
    action("os-roll_detaching", actions.roll_detaching, body=actions.ROLL_DETACHING, policy="volume_extension:volume_actions:roll_detaching"),
)  # fmt: skip
ATTACHMENT_ACTIONS = (
    action("os-complete", attachments.complete_action, status=204, body=attachments.COMPLETE, since="3.44", policy="volume:attachment_complete"),
)  # fmt: skip
TYPE_ACTIONS = (
    action("addProjectAccess", types.access_add, body=types.ADD_ACCESS, policy="volume_extension:volume_type_access:addProjectAccess"),
    action("removeProjectAccess", types.access_remove, body=types.REMOVE_ACCESS, policy="volume_extension:volume_type_access:removeProjectAccess"),
)  # fmt: skip

DOCUMENTS: tuple[Operation, ...] = (
    op("GET", "", root.choices, open=True),
    op("GET", "/", root.choices, open=True),
    op("GET", "/v3", root.versions, open=True),
    op("GET", "/v3/", root.versions, open=True),
)

OPERATIONS: tuple[Operation, ...] = (
    op("GET", "/extensions", root.extensions),
    op("GET", "/limits", root.limits),
    op("GET", "/os-availability-zone", root.availability_zones),
    op("GET", "/os-services", services.index, policy="volume_extension:services:index"),
    op("GET", "/os-quota-sets/{target_id}", quotas.show),
    op("PUT", "/os-quota-sets/{target_id}", quotas.update, body=quotas.UPDATE),
    op("DELETE", "/os-quota-sets/{target_id}", quotas.delete),
    op("GET", "/os-quota-sets/{target_id}/defaults", quotas.defaults),
    op("GET", "/volumes", operations.index, policy="volume:get_all"),
    op("POST", "/volumes", operations.create, body=schemas.CREATE, policy="volume:create"),
    op("GET", "/volumes/detail", operations.detail, policy="volume:get_all"),
    op("GET", "/volumes/summary", operations.summary, since="3.12", policy="volume:get_all"),
    op("GET", "/volumes/{volume_id}", operations.show, load=VOLUME, policy="volume:get"),
    op("PUT", "/volumes/{volume_id}", operations.update, load=VOLUME, body=schemas.UPDATE, policy="volume:update"),
    op("DELETE", "/volumes/{volume_id}", operations.delete, load=VOLUME, policy="volume:delete"),
    op("POST", "/volumes/{volume_id}/action", load=VOLUME, actions=VOLUME_ACTIONS),
    op("GET", "/volumes/{volume_id}/metadata", operations.metadata_index, load=VOLUME, policy="volume:get_volume_metadata"),
    op("POST", "/volumes/{volume_id}/metadata", operations.metadata_update, load=VOLUME, body=schemas.METADATA_BODY, policy="volume:create_volume_metadata"),
    op("PUT", "/volumes/{volume_id}/metadata", operations.metadata_replace, load=VOLUME, body=schemas.METADATA_BODY, policy="volume:update_volume_metadata"),
    op("GET", "/volumes/{volume_id}/metadata/{key}", operations.metadata_show, load=VOLUME, policy="volume:get_volume_metadata"),
    op("PUT", "/volumes/{volume_id}/metadata/{key}", operations.metadata_set, load=VOLUME, body=schemas.META_BODY, policy="volume:update_volume_metadata"),
    op("DELETE", "/volumes/{volume_id}/metadata/{key}", operations.metadata_delete, load=VOLUME, policy="volume:delete_volume_metadata"),
    op("GET", "/snapshots", snapshots.index, policy="volume:get_all_snapshots"),
    op("POST", "/snapshots", snapshots.create, body=snapshots.CREATE, policy="volume:create_snapshot"),
    op("GET", "/snapshots/detail", snapshots.detail, policy="volume:get_all_snapshots"),
    op("GET", "/snapshots/{snapshot_id}", snapshots.show, load=SNAPSHOT, policy="volume:get_snapshot"),
    op("PUT", "/snapshots/{snapshot_id}", snapshots.update, load=SNAPSHOT, body=snapshots.UPDATE, policy="volume:update_snapshot"),
    op("DELETE", "/snapshots/{snapshot_id}", snapshots.delete, load=SNAPSHOT, policy="volume:delete_snapshot"),
    op("GET", "/attachments", attachments.index, since="3.27"),
    op("POST", "/attachments", attachments.create, since="3.27", body=attachments.CREATE, policy="volume:attachment_create"),
    op("GET", "/attachments/detail", attachments.detail, since="3.27"),
    op("GET", "/attachments/{attachment_id}", attachments.show, since="3.27", load=ATTACHMENT),
    op("PUT", "/attachments/{attachment_id}", attachments.update, since="3.27", load=ATTACHMENT, body=attachments.UPDATE, policy="volume:attachment_update"),
    op("DELETE", "/attachments/{attachment_id}", attachments.delete, since="3.27", load=ATTACHMENT, policy="volume:attachment_delete"),
    op("POST", "/attachments/{attachment_id}/action", since="3.27", load=ATTACHMENT, actions=ATTACHMENT_ACTIONS),
    op("GET", "/types", types.index, policy="volume_extension:type_get_all"),
    op("POST", "/types", types.create, body=types.CREATE, policy="volume_extension:type_create"),
    op("GET", "/types/{type_id}", types.show, policy="volume_extension:type_get"),
    op("PUT", "/types/{type_id}", types.update, body=types.UPDATE, policy="volume_extension:type_update"),
    op("DELETE", "/types/{type_id}", types.delete, status=202, policy="volume_extension:type_delete"),
    op("GET", "/types/{type_id}/os-volume-type-access", types.access_index, policy="volume_extension:volume_type_access:get_all_for_type"),
    op("POST", "/types/{type_id}/action", actions=TYPE_ACTIONS),
    op("GET", "/types/{type_id}/extra_specs", types.specs_index, policy="volume_extension:types_extra_specs:index"),
    op("POST", "/types/{type_id}/extra_specs", types.specs_create, body=types.SPECS_CREATE, policy="volume_extension:types_extra_specs:create"),
    op("GET", "/types/{type_id}/extra_specs/{key}", types.spec_show, policy="volume_extension:types_extra_specs:show"),
    op("PUT", "/types/{type_id}/extra_specs/{key}", types.spec_update, body=types.SPEC_UPDATE, policy="volume_extension:types_extra_specs:update"),
    op("DELETE", "/types/{type_id}/extra_specs/{key}", types.spec_delete, status=202, policy="volume_extension:types_extra_specs:delete"),
)  # fmt: skip
