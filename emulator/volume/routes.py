"""Cinder's table of contents: every operation and volume action, one row each."""

from __future__ import annotations

from emulator.volume import (
    attachments,
    backends,
    backups,
    clusters,
    consistency_groups,
    encryptions,
    extensions,
    group_snapshots,
    group_types,
    groups,
    log_levels,
    messages,
    qos_specs,
    quotas,
    root,
    services,
    snapshot_management,
    snapshots,
    transfers,
    types,
)
from emulator.volume.volumes import actions, imaging, moves, operations, queries, schemas, uploads
from emulator.wire.operation import Operation, action, load, op

VOLUME = load("volume", queries.find)
SNAPSHOT = load("snapshot", snapshots.find)
BACKUP = load("backup", backups.find)
TRANSFER = load("transfer", transfers.find_own, target=transfers.target)
MESSAGE = load("message", messages.find, target=groups.target)
GROUP = load("group", groups.find)
GROUP_SNAPSHOT = load("group_snapshot", group_snapshots.find, target=groups.target)
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
    action("os-volume_upload_image", uploads.upload, body=uploads.UPLOAD, policy="volume_extension:volume_actions:upload_image"),
    action("os-reimage", imaging.reimage, body=imaging.REIMAGE, since="3.68", policy="volume:reimage"),
    action("os-migrate_volume", moves.migrate, body=moves.MIGRATE, policy="volume_extension:volume_admin_actions:migrate_volume"),
    action("os-migrate_volume_completion", moves.complete_migration, status=200, body=moves.MIGRATION_COMPLETION, policy="volume_extension:volume_admin_actions:migrate_volume_completion"),
    action("os-extend_volume_completion", moves.complete_extension, body=moves.EXTENSION_COMPLETION, policy="volume_extension:volume_admin_actions:extend_volume_completion"),
    action("revert", moves.revert, body=moves.REVERT, since="3.40", policy="volume:revert_to_snapshot"),
    action("os-unmanage", moves.unmanage, body=moves.UNMANAGE, policy="volume_extension:volume_unmanage"),
    action("os-force_detach", actions.force_detach, body=actions.FORCE_DETACH, policy="volume_extension:volume_admin_actions:force_detach"),
    action("os-initialize_connection", actions.initialize_connection, status=200, body=actions.INITIALIZE_CONNECTION, policy="volume_extension:volume_actions:initialize_connection"),
    action("os-terminate_connection", actions.terminate_connection, body=actions.TERMINATE_CONNECTION, policy="volume_extension:volume_actions:terminate_connection"),
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

SNAPSHOT_ACTIONS = (
    action("os-reset_status", snapshots.reset_status, body=snapshots.RESET_STATUS, policy="volume_extension:snapshot_admin_actions:reset_status"),
    action("os-force_delete", snapshots.force_delete, body=snapshots.FORCE_DELETE, policy="volume_extension:snapshot_admin_actions:force_delete"),
    action("os-unmanage", snapshots.unmanage, body=moves.UNMANAGE, policy="snapshot_extension:snapshot_unmanage"),
    action("os-update_snapshot_status", snapshots.update_status, body=snapshots.UPDATE_STATUS, policy="snapshot_extension:snapshot_actions:update_snapshot_status"),
)  # fmt: skip
GROUPS_ACTIONS = (
    action("create-from-src", group_snapshots.create_from_source, body=group_snapshots.CREATE_FROM, since="3.14", policy="group:create"),
)  # fmt: skip
GROUP_ACTIONS = (
    action("delete", groups.delete, body=groups.DELETE, policy="group:delete"),
    action("reset_status", groups.reset_status, body=groups.RESET_STATUS, since="3.20", policy="group:reset_status"),
    action("enable_replication", groups.replicate, body=groups.ENABLE_REPLICATION, since="3.38", policy="group:enable_replication"),
    action("disable_replication", groups.replicate, body=groups.DISABLE_REPLICATION, since="3.38", policy="group:disable_replication"),
    action("failover_replication", groups.replicate, body=groups.FAILOVER_REPLICATION, since="3.38", policy="group:failover_replication"),
    action("list_replication_targets", groups.replicate, body=groups.LIST_REPLICATION_TARGETS, since="3.38", policy="group:list_replication_targets"),
)  # fmt: skip
GROUP_SNAPSHOT_ACTIONS = (
    action("reset_status", group_snapshots.reset_status, body=group_snapshots.RESET_STATUS, since="3.19", policy="group:reset_group_snapshot_status"),
)  # fmt: skip
BACKUP_ACTIONS = (
    action("os-reset_status", backups.reset_status, body=backups.RESET_STATUS, policy="volume_extension:backup_admin_actions:reset_status"),
    action("os-force_delete", backups.force_delete, body=snapshots.FORCE_DELETE, policy="volume_extension:backup_admin_actions:force_delete"),
)  # fmt: skip


def _manageable(volumes: str, snaps: str, since: str | None) -> tuple[Operation, ...]:
    """The operations of managing, which stand under old paths and newer ones."""
    return (
        op("GET", volumes, moves.index_manageable, since=since, policy="volume_extension:list_manageable"),
        op("GET", f"{volumes}/detail", moves.detail_manageable, since=since, policy="volume_extension:list_manageable"),
        op("POST", volumes, moves.manage, since=since, body=moves.MANAGE, policy="volume_extension:volume_manage"),
        op("GET", snaps, snapshot_management.index, since=since, policy="snapshot_extension:list_manageable"),
        op("GET", f"{snaps}/detail", snapshot_management.detail, since=since, policy="snapshot_extension:list_manageable"),
        op("POST", snaps, snapshot_management.manage, since=since, body=snapshot_management.MANAGE, policy="snapshot_extension:snapshot_manage"),
    )  # fmt: skip


def _transfers(path: str, since: str | None) -> tuple[Operation, ...]:
    """The operations of transfers, which stand under an old path and a newer one."""
    return (
        op("GET", path, transfers.index, since=since, policy="volume:get_all_transfers"),
        op("POST", path, transfers.create, since=since, body=transfers.CREATE, policy="volume:create_transfer"),
        op("GET", f"{path}/detail", transfers.detail, since=since, policy="volume:get_all_transfers"),
        op("GET", f"{path}/{{transfer_id}}", transfers.show, since=since, load=TRANSFER, policy="volume:get_transfer"),
        op("DELETE", f"{path}/{{transfer_id}}", transfers.delete, since=since, load=TRANSFER, policy="volume:delete_transfer"),
        op("POST", f"{path}/{{transfer_id}}/accept", transfers.accept, since=since, body=transfers.ACCEPT, policy="volume:accept_transfer"),
    )  # fmt: skip


TRANSFERS = (*_transfers("/os-volume-transfer", None), *_transfers("/volume-transfers", "3.55"))

DOCUMENTS: tuple[Operation, ...] = (
    op("GET", "", root.choices, open=True),
    op("GET", "/", root.choices, open=True),
    op("GET", "/v3", root.versions, open=True),
    op("GET", "/v3/", root.versions, open=True),
)

OPERATIONS: tuple[Operation, ...] = (
    op("GET", "/extensions", extensions.index),
    op("GET", "/extensions/{alias}", extensions.show),
    op("GET", "/limits", root.limits),
    op("GET", "/os-availability-zone", root.availability_zones),
    op("GET", "/os-services", services.index, policy="volume_extension:services:index"),
    op("GET", "/os-quota-sets/{target_id}", quotas.show),
    op("PUT", "/os-quota-sets/{target_id}", quotas.update, body=quotas.UPDATE),
    op("DELETE", "/os-quota-sets/{target_id}", quotas.delete),
    op("GET", "/os-quota-sets/{target_id}/defaults", quotas.defaults),
    op("GET", "/os-quota-class-sets/{class_name}", quotas.show_class, policy="volume_extension:quota_classes:get"),
    op("PUT", "/os-quota-class-sets/{class_name}", quotas.update_class, body=quotas.UPDATE_CLASS, policy="volume_extension:quota_classes:update"),
    op("PUT", "/os-services/enable", services.enable, body=services.ENABLE, policy="volume_extension:services:update"),
    op("PUT", "/os-services/disable", services.disable, body=services.ENABLE, policy="volume_extension:services:update"),
    op("PUT", "/os-services/disable-log-reason", services.disable_with_reason, body=services.DISABLE_WITH_REASON, policy="volume_extension:services:update"),
    op("PUT", "/os-services/freeze", services.freeze, body=services.FREEZE, policy="volume:freeze_host"),
    op("PUT", "/os-services/thaw", services.thaw, body=services.FREEZE, policy="volume:thaw_host"),
    op("PUT", "/os-services/failover_host", services.fail_over, body=services.FAILOVER, policy="volume:failover_host"),
    op("PUT", "/os-services/get-log", log_levels.show, since="3.32", body=log_levels.GET, policy="volume_extension:services:update"),
    op("PUT", "/os-services/set-log", log_levels.choose, since="3.32", body=log_levels.SET, policy="volume_extension:services:update"),
    op("GET", "/clusters", clusters.index, since="3.7", policy="clusters:get_all"),
    op("GET", "/clusters/detail", clusters.index, since="3.7", policy="clusters:get_all"),
    op("GET", "/clusters/{cluster_name}", clusters.show, since="3.7", policy="clusters:get"),
    op("PUT", "/clusters/enable", clusters.change, since="3.7", body=clusters.ENABLE, policy="clusters:update"),
    op("PUT", "/clusters/disable", clusters.change, since="3.7", body=clusters.DISABLE, policy="clusters:update"),
    op("POST", "/workers/cleanup", clusters.clean_up, since="3.24", body=clusters.CLEANUP, policy="workers:cleanup"),
    op("GET", "/os-hosts", backends.index_hosts, policy="volume_extension:hosts"),
    op("GET", "/os-hosts/{host}", backends.show_host, policy="volume_extension:hosts"),
    op("PUT", "/os-hosts/{host}", backends.update_host, body=backends.UPDATE_HOST, policy="volume_extension:hosts"),
    op("GET", "/scheduler-stats/get_pools", backends.index_pools, policy="scheduler_extension:scheduler_stats:get_pools"),
    op("GET", "/capabilities/{host}", backends.capabilities, policy="volume_extension:capabilities"),
    op("GET", "/resource_filters", messages.filters, since="3.33"),
    op("GET", "/messages", messages.index, since="3.3", policy="message:get_all"),
    op("GET", "/messages/{message_id}", messages.show, since="3.3", load=MESSAGE, policy="message:get"),
    op("DELETE", "/messages/{message_id}", messages.delete, since="3.3", load=MESSAGE, policy="message:delete"),
    op("GET", "/default-types", messages.default_types_index, since="3.62", policy="volume_extension:default_get_all"),
    op("GET", "/default-types/{target_id}", messages.default_type_show, since="3.62", policy="volume_extension:default_get"),
    op("PUT", "/default-types/{target_id}", messages.default_type_set, since="3.62", body=messages.DEFAULT_TYPE, policy="volume_extension:default_set_or_update"),
    op("DELETE", "/default-types/{target_id}", messages.default_type_unset, since="3.62", policy="volume_extension:default_unset"),
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
    op("POST", "/snapshots/{snapshot_id}/action", load=SNAPSHOT, actions=SNAPSHOT_ACTIONS),
    op("GET", "/snapshots/{snapshot_id}/metadata", snapshots.metadata_index, load=SNAPSHOT, policy="volume:get_snapshot_metadata"),
    op("POST", "/snapshots/{snapshot_id}/metadata", snapshots.metadata_update, load=SNAPSHOT, body=snapshots.METADATA_BODY, policy="volume:update_snapshot_metadata"),
    op("PUT", "/snapshots/{snapshot_id}/metadata", snapshots.metadata_replace, load=SNAPSHOT, body=snapshots.METADATA_BODY, policy="volume:update_snapshot_metadata"),
    op("GET", "/snapshots/{snapshot_id}/metadata/{key}", snapshots.metadata_show, load=SNAPSHOT, policy="volume:get_snapshot_metadata"),
    op("PUT", "/snapshots/{snapshot_id}/metadata/{key}", snapshots.metadata_set, load=SNAPSHOT, body=snapshots.META_BODY, policy="volume:update_snapshot_metadata"),
    op("DELETE", "/snapshots/{snapshot_id}/metadata/{key}", snapshots.metadata_delete, load=SNAPSHOT, policy="volume:delete_snapshot_metadata"),
    *_manageable("/os-volume-manage", "/os-snapshot-manage", None),
    *_manageable("/manageable_volumes", "/manageable_snapshots", "3.8"),
    op("GET", "/group_types", group_types.index, since="3.11"),
    op("POST", "/group_types", group_types.create, since="3.11", body=group_types.CREATE, policy="group:group_types:create"),
    op("GET", "/group_types/{group_type_id}", group_types.show, since="3.11"),
    op("PUT", "/group_types/{group_type_id}", group_types.update, since="3.11", body=group_types.UPDATE, policy="group:group_types:update"),
    op("DELETE", "/group_types/{group_type_id}", group_types.delete, since="3.11", policy="group:group_types:delete"),
    op("GET", "/group_types/{group_type_id}/group_specs", group_types.specs_index, since="3.11", policy="group:group_types_specs:get_all"),
    op("POST", "/group_types/{group_type_id}/group_specs", group_types.specs_create, since="3.11", body=group_types.SPECS_CREATE, policy="group:group_types_specs:create"),
    op("GET", "/group_types/{group_type_id}/group_specs/{key}", group_types.spec_show, since="3.11", policy="group:group_types_specs:get"),
    op("PUT", "/group_types/{group_type_id}/group_specs/{key}", group_types.spec_update, since="3.11", body=group_types.SPEC_UPDATE, policy="group:group_types_specs:update"),
    op("DELETE", "/group_types/{group_type_id}/group_specs/{key}", group_types.spec_delete, since="3.11", policy="group:group_types_specs:delete"),
    op("GET", "/groups", groups.index, since="3.13", policy="group:get_all"),
    op("POST", "/groups", groups.create, since="3.13", body=groups.CREATE, policy="group:create"),
    op("GET", "/groups/detail", groups.detail, since="3.13", policy="group:get_all"),
    op("POST", "/groups/action", since="3.14", actions=GROUPS_ACTIONS),
    op("GET", "/groups/{group_id}", groups.show, since="3.13", load=GROUP, policy="group:get"),
    op("PUT", "/groups/{group_id}", groups.update, since="3.13", load=GROUP, body=groups.UPDATE, policy="group:update"),
    op("POST", "/groups/{group_id}/action", since="3.13", load=GROUP, actions=GROUP_ACTIONS),
    op("GET", "/group_snapshots", group_snapshots.index, since="3.14", policy="group:get_all_group_snapshots"),
    op("POST", "/group_snapshots", group_snapshots.create, since="3.14", body=group_snapshots.CREATE, policy="group:create_group_snapshot"),
    op("GET", "/group_snapshots/detail", group_snapshots.detail, since="3.14", policy="group:get_all_group_snapshots"),
    op("GET", "/group_snapshots/{group_snapshot_id}", group_snapshots.show, since="3.14", load=GROUP_SNAPSHOT, policy="group:get_group_snapshot"),
    op("DELETE", "/group_snapshots/{group_snapshot_id}", group_snapshots.delete, since="3.14", load=GROUP_SNAPSHOT, policy="group:delete_group_snapshot"),
    op("POST", "/group_snapshots/{group_snapshot_id}/action", since="3.19", load=GROUP_SNAPSHOT, actions=GROUP_SNAPSHOT_ACTIONS),
    op("GET", "/consistencygroups", consistency_groups.index, policy="group:get_all"),
    op("POST", "/consistencygroups", consistency_groups.create, body=consistency_groups.CREATE, policy="group:create"),
    op("GET", "/consistencygroups/detail", consistency_groups.detail, policy="group:get_all"),
    op("POST", "/consistencygroups/create_from_src", consistency_groups.create_from_source, body=consistency_groups.CREATE_FROM, policy="group:create"),
    op("GET", "/consistencygroups/{group_id}", consistency_groups.show, load=GROUP, policy="group:get"),
    op("PUT", "/consistencygroups/{group_id}", consistency_groups.replace, load=GROUP, body=consistency_groups.UPDATE, policy="group:update"),
    op("PUT", "/consistencygroups/{group_id}/update", consistency_groups.update, load=GROUP, body=consistency_groups.UPDATE, policy="group:update"),
    op("POST", "/consistencygroups/{group_id}/delete", consistency_groups.delete, load=GROUP, body=consistency_groups.DELETE, policy="group:delete"),
    op("GET", "/cgsnapshots", consistency_groups.index_snapshots, policy="group:get_all_group_snapshots"),
    op("POST", "/cgsnapshots", consistency_groups.create_snapshot, body=consistency_groups.CREATE_SNAPSHOT, policy="group:create_group_snapshot"),
    op("GET", "/cgsnapshots/detail", consistency_groups.detail_snapshots, policy="group:get_all_group_snapshots"),
    op("GET", "/cgsnapshots/{group_snapshot_id}", consistency_groups.show_snapshot, load=GROUP_SNAPSHOT, policy="group:get_group_snapshot"),
    op("DELETE", "/cgsnapshots/{group_snapshot_id}", consistency_groups.delete_snapshot, load=GROUP_SNAPSHOT, policy="group:delete_group_snapshot"),
    op("GET", "/backups", backups.index, policy="backup:get_all"),
    op("POST", "/backups", backups.create, body=backups.CREATE, policy="backup:create"),
    op("GET", "/backups/detail", backups.detail, policy="backup:get_all"),
    op("POST", "/backups/import_record", backups.import_record, body=backups.IMPORT, policy="backup:backup-import"),
    op("GET", "/backups/{backup_id}", backups.show, load=BACKUP, policy="backup:get"),
    op("PUT", "/backups/{backup_id}", backups.update, since="3.9", load=BACKUP, body=backups.UPDATE, policy="backup:update"),
    op("DELETE", "/backups/{backup_id}", backups.delete, load=BACKUP, policy="backup:delete"),
    op("POST", "/backups/{backup_id}/restore", backups.restore, load=BACKUP, body=backups.RESTORE, policy="backup:restore"),
    op("GET", "/backups/{backup_id}/export_record", backups.export, load=BACKUP, policy="backup:export-import"),
    op("POST", "/backups/{backup_id}/action", load=BACKUP, actions=BACKUP_ACTIONS),
    *TRANSFERS,
    op("GET", "/qos-specs", qos_specs.index, policy="volume_extension:qos_specs_manage:get_all"),
    op("POST", "/qos-specs", qos_specs.create, body=qos_specs.CREATE, policy="volume_extension:qos_specs_manage:create"),
    op("GET", "/qos-specs/{qos_id}", qos_specs.show, policy="volume_extension:qos_specs_manage:get"),
    op("PUT", "/qos-specs/{qos_id}", qos_specs.update, body=qos_specs.SET, policy="volume_extension:qos_specs_manage:update"),
    op("DELETE", "/qos-specs/{qos_id}", qos_specs.delete, policy="volume_extension:qos_specs_manage:delete"),
    op("PUT", "/qos-specs/{qos_id}/delete_keys", qos_specs.delete_keys, body=qos_specs.UNSET, policy="volume_extension:qos_specs_manage:delete"),
    op("GET", "/qos-specs/{qos_id}/associations", qos_specs.associations, policy="volume_extension:qos_specs_manage:get_all"),
    op("GET", "/qos-specs/{qos_id}/associate", qos_specs.associate, policy="volume_extension:qos_specs_manage:update"),
    op("GET", "/qos-specs/{qos_id}/disassociate", qos_specs.disassociate, policy="volume_extension:qos_specs_manage:update"),
    op("GET", "/qos-specs/{qos_id}/disassociate_all", qos_specs.disassociate_all, policy="volume_extension:qos_specs_manage:update"),
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
    op("GET", "/types/{type_id}/encryption", encryptions.index, policy="volume_extension:volume_type_encryption:get"),
    op("POST", "/types/{type_id}/encryption", encryptions.create, body=encryptions.CREATE, policy="volume_extension:volume_type_encryption:create"),
    op("GET", "/types/{type_id}/encryption/{key}", encryptions.show, policy="volume_extension:volume_type_encryption:get"),
    op("PUT", "/types/{type_id}/encryption/{key}", encryptions.update, body=encryptions.UPDATE, policy="volume_extension:volume_type_encryption:update"),
    op("DELETE", "/types/{type_id}/encryption/{key}", encryptions.delete, policy="volume_extension:volume_type_encryption:delete"),
    op("GET", "/types/{type_id}/extra_specs", types.specs_index, policy="volume_extension:types_extra_specs:index"),
    op("POST", "/types/{type_id}/extra_specs", types.specs_create, body=types.SPECS_CREATE, policy="volume_extension:types_extra_specs:create"),
    op("GET", "/types/{type_id}/extra_specs/{key}", types.spec_show, policy="volume_extension:types_extra_specs:show"),
    op("PUT", "/types/{type_id}/extra_specs/{key}", types.spec_update, body=types.SPEC_UPDATE, policy="volume_extension:types_extra_specs:update"),
    op("DELETE", "/types/{type_id}/extra_specs/{key}", types.spec_delete, status=202, policy="volume_extension:types_extra_specs:delete"),
)  # fmt: skip
