"""Nova's table of contents: every operation and server action, one row each."""

from emulator.compute import (
    aggregates,
    assisted_snapshots,
    availability_zones,
    baremetal,
    extensions,
    external_events,
    flavor_access,
    flavor_extra_specs,
    flavors,
    hosts,
    hypervisors,
    image_proxies,
    keypairs,
    limits,
    migrations,
    network_proxies,
    quota_classes,
    quotas,
    retired,
    root,
    security_group_proxies,
    server_groups,
    services,
    tenant_usage,
    usage_audit_log,
    volume_proxies,
    volumes_boot,
)
from emulator.compute.schemas import NOTHING_SINCE_2102
from emulator.compute.servers import (
    addresses,
    consoles,
    create,
    diagnostics,
    instance_actions,
    interfaces,
    metadata,
    operations,
    passwords,
    queries,
    removal,
    security_groups,
    shares,
    tags,
    topology,
    volume_attachments,
)
from emulator.compute.servers import migrations as server_migrations
from emulator.compute.servers import schemas as server_schemas
from emulator.compute.servers.actions import addresses as address_actions
from emulator.compute.servers.actions import (
    admin,
    console,
    delete,
    evacuate,
    live_migrate,
    lock,
    migrate,
    password,
    pause,
    power,
    reboot,
    rebuild,
    rescue,
    resize,
    shelve,
    snapshot,
    suspend,
)
from emulator.wire.operation import Operation, action, load, op

# Version documents answer every method alike.
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
DOCUMENTS: tuple[Operation, ...] = tuple(
    op(method, path, handler, open=True)
    for method in METHODS
    for path, handler in (
        ("", root.versions),
        ("/", root.versions),
        ("/v2", root.version_20),
        ("/v2/", root.version_20),
        ("/v2.1", root.version_21),
        ("/v2.1/", root.version_21),
        ("/{rest...}", root.choices),
    )
    if (method, path) != ("OPTIONS", "/{rest...}")
)

API = "os_compute_api:"
SERVER = load("server", queries.find)
WHOSE_SERVER = load("server", queries.find_whose)
SHOWN_SERVER = load("server", queries.find_even_if_unreachable)
MAPPED_SERVER = load("server", queries.find_mapped)
TAGGED_SERVER = load("server", queries.find_anywhere)
RECORDED_SERVER = load("server", instance_actions.find_server)
NO_SERVER = load("server", lambda ctx, server_id: ctx.own_target)  # whatever the path names

SERVER_ACTIONS: tuple[Operation, ...] = (
    action("os-start", power.start, body=power.START_BODY, policy=f"{API}servers:start", load=MAPPED_SERVER),
    action("os-stop", power.stop, body=power.STOP_BODY, policy=f"{API}servers:stop", load=MAPPED_SERVER),
    action("reboot", reboot.reboot, body=reboot.REBOOT_BODY, policy=f"{API}servers:reboot"),
    action("pause", pause.pause, body=pause.PAUSE_BODY, policy=f"{API}os-pause-server:pause"),
    action("unpause", pause.unpause, body=pause.UNPAUSE_BODY, policy=f"{API}os-pause-server:unpause"),
    action("suspend", suspend.suspend, body=suspend.SUSPEND_BODY, policy=f"{API}os-suspend-server:suspend"),
    action("resume", suspend.resume, body=suspend.RESUME_BODY, policy=f"{API}os-suspend-server:resume"),
    action("lock", lock.lock, body=lock.LOCK_BODY, policy=f"{API}os-lock-server:lock"),
    action("unlock", lock.unlock, body=lock.UNLOCK_BODY, policy=f"{API}os-lock-server:unlock"),
    action("os-getConsoleOutput", console.output, body=console.OUTPUT_BODY, status=200, policy=f"{API}os-console-output"),
    action("resize", resize.resize, body=resize.RESIZE_BODY, policy=f"{API}servers:resize"),
    action("confirmResize", resize.confirm, body=resize.CONFIRM_BODY, status=204, policy=f"{API}servers:confirm_resize"),
    action("revertResize", resize.revert, body=resize.REVERT_BODY, policy=f"{API}servers:revert_resize"),
    action("rebuild", rebuild.rebuild, body=rebuild.REBUILD_BODY, policy=f"{API}servers:rebuild"),
    action("rescue", rescue.rescue, body=rescue.RESCUE_BODY, status=200, policy=f"{API}os-rescue"),
    action("unrescue", rescue.unrescue, body=rescue.UNRESCUE_BODY, policy=f"{API}os-unrescue"),
    action("shelve", shelve.shelve, body=shelve.SHELVE_BODY, policy=f"{API}os-shelve:shelve"),
    action("shelveOffload", shelve.shelve_offload, body=shelve.OFFLOAD_BODY, policy=f"{API}os-shelve:shelve_offload"),
    action("unshelve", shelve.unshelve, body=shelve.UNSHELVE_BODY, policy=f"{API}os-shelve:unshelve"),
    action("createImage", snapshot.create_image, body=snapshot.IMAGE_BODY, policy=f"{API}servers:create_image"),
    action("createBackup", snapshot.create_backup, body=snapshot.BACKUP_BODY, policy=f"{API}os-create-backup"),
    action("changePassword", password.change, body=password.PASSWORD_BODY, policy=f"{API}os-admin-password"),
    action("migrate", migrate.migrate, body=migrate.MIGRATE_BODY),
    action("os-migrateLive", live_migrate.live_migrate, body=live_migrate.LIVE_BODY),
    action("evacuate", evacuate.evacuate, body=evacuate.EVACUATE_BODY, status=200, policy=f"{API}os-evacuate"),
    action("forceDelete", delete.force_delete, body=delete.FORCE_BODY, policy=f"{API}os-deferred-delete:force"),
    action("restore", delete.restore, body=delete.RESTORE_BODY, policy=f"{API}os-deferred-delete:restore"),
    action("os-resetState", admin.reset_state, body=admin.RESET_BODY, policy=f"{API}os-admin-actions:reset_state"),
    action("injectNetworkInfo", admin.inject_network_info, body=admin.INJECT_BODY, policy=f"{API}os-admin-actions:inject_network_info"),
    action("resetNetwork", admin.gone, load=NO_SERVER),
    action("trigger_crash_dump", admin.crash_dump, body=admin.DUMP_BODY, policy=f"{API}servers:trigger_crash_dump", since="2.17", load=MAPPED_SERVER),
    action("addSecurityGroup", security_groups.add, body=security_groups.ADD_BODY, policy=f"{API}os-security-groups:add"),
    action("removeSecurityGroup", security_groups.remove, body=security_groups.REMOVE_BODY, policy=f"{API}os-security-groups:remove"),
    action("addFixedIp", address_actions.add_fixed, body=address_actions.ADD_FIXED_BODY, policy=f"{API}os-multinic:add", until="2.43"),
    action("removeFixedIp", address_actions.remove_fixed, body=address_actions.REMOVE_FIXED_BODY, policy=f"{API}os-multinic:remove", until="2.43"),
    action("addFloatingIp", address_actions.add_floating, body=address_actions.ADD_FLOATING_BODY, policy=f"{API}os-floating-ips:add", until="2.43"),
    action("removeFloatingIp", address_actions.remove_floating, body=address_actions.REMOVE_FLOATING_BODY, policy=f"{API}os-floating-ips:remove", until="2.43"),
    action("os-getVNCConsole", consoles.vnc, body=consoles.VNC_BODY, status=200, policy=f"{API}os-remote-consoles", until="2.5"),
    action("os-getSPICEConsole", consoles.spice, body=consoles.SPICE_BODY, status=200, policy=f"{API}os-remote-consoles", until="2.5"),
    action("os-getSerialConsole", consoles.serial, body=consoles.SERIAL_BODY, status=200, policy=f"{API}os-remote-consoles", until="2.5"),
    action("os-getRDPConsole", consoles.rdp, until="2.5", load=NO_SERVER),
)  # fmt: skip

SERVERS: tuple[Operation, ...] = (
    op("GET", "/servers", operations.index, query=server_schemas.LIST, policy=f"{API}servers:index"),
    op("POST", "/servers", create.create, status=202, body=server_schemas.CREATE, policy=f"{API}servers:create"),
    op("GET", "/servers/detail", operations.detail, query=server_schemas.LIST, policy=f"{API}servers:detail"),
    op("GET", "/servers/{server_id}", operations.show, query=NOTHING_SINCE_2102, load=SHOWN_SERVER, policy=f"{API}servers:show"),
    op("PUT", "/servers/{server_id}", operations.update, body=server_schemas.UPDATE, load=SERVER, policy=f"{API}servers:update"),
    op("DELETE", "/servers/{server_id}", removal.delete, status=204, load=SERVER, policy=f"{API}servers:delete"),
    op("GET", "/servers/{server_id}/ips", addresses.index, query=NOTHING_SINCE_2102, load=WHOSE_SERVER, policy=f"{API}ips:index"),
    op("GET", "/servers/{server_id}/ips/{network}", addresses.show, query=NOTHING_SINCE_2102, load=WHOSE_SERVER, policy=f"{API}ips:show"),
    op("GET", "/servers/{server_id}/metadata", metadata.index, query=NOTHING_SINCE_2102, load=SERVER, policy=f"{API}server-metadata:index"),
    op("POST", "/servers/{server_id}/metadata", metadata.create, body=metadata.ITEMS, load=SERVER, policy=f"{API}server-metadata:create"),
    op("PUT", "/servers/{server_id}/metadata", metadata.replace, body=metadata.ITEMS, load=SERVER, policy=f"{API}server-metadata:update_all"),
    op("GET", "/servers/{server_id}/metadata/{key}", metadata.show, query=NOTHING_SINCE_2102, load=SERVER, policy=f"{API}server-metadata:show"),
    op("PUT", "/servers/{server_id}/metadata/{key}", metadata.update, body=metadata.ITEM, load=SERVER, policy=f"{API}server-metadata:update"),
    op("DELETE", "/servers/{server_id}/metadata/{key}", metadata.delete, status=204, load=SERVER, policy=f"{API}server-metadata:delete"),
    op("GET", "/servers/{server_id}/tags", tags.index, load=TAGGED_SERVER, policy=f"{API}os-server-tags:index", since="2.26"),
    op("PUT", "/servers/{server_id}/tags", tags.replace, body=tags.REPLACE, load=TAGGED_SERVER, policy=f"{API}os-server-tags:update_all", since="2.26"),
    op("DELETE", "/servers/{server_id}/tags", tags.delete_all, status=204, load=TAGGED_SERVER, policy=f"{API}os-server-tags:delete_all", since="2.26"),
    op("GET", "/servers/{server_id}/tags/{tag}", tags.show, load=TAGGED_SERVER, policy=f"{API}os-server-tags:show", since="2.26"),
    op("PUT", "/servers/{server_id}/tags/{tag}", tags.update, body=tags.NOTHING, load=TAGGED_SERVER, policy=f"{API}os-server-tags:update", since="2.26"),
    op("DELETE", "/servers/{server_id}/tags/{tag}", tags.delete, status=204, load=TAGGED_SERVER, policy=f"{API}os-server-tags:delete", since="2.26"),
)  # fmt: skip

SERVER_PARTS: tuple[Operation, ...] = (
    op("POST", "/servers/{server_id}/action", actions=SERVER_ACTIONS, load=SERVER),
    op("GET", "/servers/{server_id}/os-interface", interfaces.index, query=interfaces.LIST, policy=f"{API}os-attach-interfaces:list", load=SERVER),
    op("POST", "/servers/{server_id}/os-interface", interfaces.attach, body=interfaces.CREATE, policy=f"{API}os-attach-interfaces:create", load=SERVER),
    op("GET", "/servers/{server_id}/os-interface/{port_id}", interfaces.show, query=interfaces.LIST, policy=f"{API}os-attach-interfaces:show", load=SERVER),
    op("DELETE", "/servers/{server_id}/os-interface/{port_id}", interfaces.detach, status=202, policy=f"{API}os-attach-interfaces:delete", load=SERVER),
    op("GET", "/servers/{server_id}/os-volume_attachments", volume_attachments.index, query=volume_attachments.LIST, policy=f"{API}os-volumes-attachments:index", load=SERVER),
    op("POST", "/servers/{server_id}/os-volume_attachments", volume_attachments.attach, body=volume_attachments.CREATE, policy=f"{API}os-volumes-attachments:create", until="2.100", load=SERVER),
    op("POST", "/servers/{server_id}/os-volume_attachments", volume_attachments.attach, status=202, body=volume_attachments.CREATE, policy=f"{API}os-volumes-attachments:create", since="2.101", load=SERVER),
    op("GET", "/servers/{server_id}/os-volume_attachments/{volume_id}", volume_attachments.show, policy=f"{API}os-volumes-attachments:show", load=SERVER),
    op("PUT", "/servers/{server_id}/os-volume_attachments/{volume_id}", volume_attachments.update, status=202, body=volume_attachments.UPDATE, load=SERVER),
    op("DELETE", "/servers/{server_id}/os-volume_attachments/{volume_id}", volume_attachments.detach, status=202, policy=f"{API}os-volumes-attachments:delete", load=SERVER),
    op("GET", "/servers/{server_id}/os-security-groups", security_groups.index, query=security_groups.LIST, policy=f"{API}os-security-groups:list", load=SERVER),
    op("GET", "/servers/{server_id}/migrations", server_migrations.index, query=server_migrations.LIST, policy=f"{API}servers:migrations:index", since="2.23", load=SERVER),
    op("GET", "/servers/{server_id}/migrations/{migration_id}", server_migrations.show, query=server_migrations.LIST, policy=f"{API}servers:migrations:show", since="2.23", load=SERVER),
    op("DELETE", "/servers/{server_id}/migrations/{migration_id}", live_migrate.abort, status=202, policy=f"{API}servers:migrations:delete", since="2.24", load=SERVER),
    op("POST", "/servers/{server_id}/migrations/{migration_id}/action", actions=[
        action("force_complete", live_migrate.force_complete, body=live_migrate.FORCE_COMPLETE_BODY, policy=f"{API}servers:migrations:force_complete", since="2.22"),
    ], load=SERVER),
    op("POST", "/servers/{server_id}/remote-consoles", consoles.create, body=consoles.REMOTE_BODY, policy=f"{API}os-remote-consoles", since="2.6", load=SERVER),
    op("GET", "/servers/{server_id}/diagnostics", diagnostics.show, query=NOTHING_SINCE_2102, policy=f"{API}os-server-diagnostics", load=SERVER),
    op("GET", "/servers/{server_id}/topology", topology.show, query=NOTHING_SINCE_2102, policy="compute:server:topology:index", since="2.78", load=SERVER),
    op("GET", "/servers/{server_id}/os-server-password", passwords.show, query=NOTHING_SINCE_2102, policy=f"{API}os-server-password:show", load=SERVER),
    op("DELETE", "/servers/{server_id}/os-server-password", passwords.clear, status=204, policy=f"{API}os-server-password:clear", load=SERVER),
    op("GET", "/servers/{server_id}/shares", shares.index, query=shares.NOTHING, policy=f"{API}os-server-shares:index", since="2.97", load=MAPPED_SERVER),
    op("POST", "/servers/{server_id}/shares", shares.create, body=shares.CREATE, status=201, policy=f"{API}os-server-shares:create", since="2.97", load=MAPPED_SERVER),
    op("GET", "/servers/{server_id}/shares/{share_id}", shares.show, query=shares.NOTHING, policy=f"{API}os-server-shares:show", since="2.97", load=MAPPED_SERVER),
    op("DELETE", "/servers/{server_id}/shares/{share_id}", shares.delete, policy=f"{API}os-server-shares:delete", since="2.97", load=MAPPED_SERVER),
    op("GET", "/os-migrations", migrations.index, query=migrations.LIST, policy=f"{API}os-migrations:index"),
    op("POST", "/os-server-external-events", external_events.create, body=external_events.CREATE, policy=f"{API}os-server-external-events:create"),
    op("GET", "/os-console-auth-tokens/{token}", consoles.show_token, query=consoles.TOKEN_QUERY),
    op("POST", "/os-assisted-volume-snapshots", assisted_snapshots.create, body=assisted_snapshots.CREATE, policy=f"{API}os-assisted-volume-snapshots:create"),
    op("DELETE", "/os-assisted-volume-snapshots/{snapshot_id}", assisted_snapshots.delete, status=204, query=assisted_snapshots.DELETE, policy=f"{API}os-assisted-volume-snapshots:delete"),
    op("GET", "/servers/{server_id}/os-instance-actions", instance_actions.index, query=instance_actions.LIST, policy=f"{API}os-instance-actions:list", load=RECORDED_SERVER),
    op("GET", "/servers/{server_id}/os-instance-actions/{request_id}", instance_actions.show, query=instance_actions.SHOW, policy=f"{API}os-instance-actions:show", load=RECORDED_SERVER),
)  # fmt: skip

FLAVORS: tuple[Operation, ...] = (
    op("GET", "/flavors", flavors.index, query=flavors.LIST),
    op("GET", "/flavors/detail", flavors.detail, query=flavors.LIST),
    op("GET", "/flavors/{flavor_id}", flavors.show, query=NOTHING_SINCE_2102),
    op("POST", "/flavors", flavors.create, body=flavors.CREATE, policy=f"{API}os-flavor-manage:create"),
    op("PUT", "/flavors/{flavor_id}", flavors.update, body=flavors.UPDATE, since="2.55", policy=f"{API}os-flavor-manage:update"),
    op("DELETE", "/flavors/{flavor_id}", flavors.delete, policy=f"{API}os-flavor-manage:delete"),
    op("GET", "/flavors/{flavor_id}/os-extra_specs", flavor_extra_specs.index, query=NOTHING_SINCE_2102, policy=f"{API}os-flavor-extra-specs:index"),
    op("POST", "/flavors/{flavor_id}/os-extra_specs", flavor_extra_specs.create, body=flavor_extra_specs.CREATE, policy=f"{API}os-flavor-extra-specs:create"),
    op("GET", "/flavors/{flavor_id}/os-extra_specs/{key}", flavor_extra_specs.show, query=NOTHING_SINCE_2102, policy=f"{API}os-flavor-extra-specs:show"),
    op("PUT", "/flavors/{flavor_id}/os-extra_specs/{key}", flavor_extra_specs.update, body=flavor_extra_specs.UPDATE, policy=f"{API}os-flavor-extra-specs:update"),
    op("DELETE", "/flavors/{flavor_id}/os-extra_specs/{key}", flavor_extra_specs.delete, policy=f"{API}os-flavor-extra-specs:delete"),
    op("GET", "/flavors/{flavor_id}/os-flavor-access", flavor_access.index, query=NOTHING_SINCE_2102, policy=f"{API}os-flavor-access"),
    op("POST", "/flavors/{flavor_id}/action", actions=[
        action("addTenantAccess", flavor_access.add, status=200, body=flavor_access.ADD, policy=f"{API}os-flavor-access:add_tenant_access"),
        action("removeTenantAccess", flavor_access.remove, status=200, body=flavor_access.REMOVE, policy=f"{API}os-flavor-access:remove_tenant_access"),
    ]),
)  # fmt: skip

KEYPAIRS: tuple[Operation, ...] = (
    op("GET", "/os-keypairs", keypairs.index, query=keypairs.LIST),
    op("POST", "/os-keypairs", keypairs.create, body=keypairs.CREATE, until="2.1"),
    op("POST", "/os-keypairs", keypairs.create, status=201, body=keypairs.CREATE, since="2.2"),
    op("GET", "/os-keypairs/{name}", keypairs.show, query=keypairs.OF_USER),
    op("DELETE", "/os-keypairs/{name}", keypairs.delete, status=202, query=keypairs.OF_USER, until="2.1"),
    op("DELETE", "/os-keypairs/{name}", keypairs.delete, status=204, query=keypairs.OF_USER, since="2.2"),
)  # fmt: skip

SERVER_GROUP = load("group", server_groups.find)
SERVER_GROUPS: tuple[Operation, ...] = (
    op("GET", "/os-server-groups", server_groups.index, query=server_groups.LIST, policy=f"{API}os-server-groups:index"),
    op("POST", "/os-server-groups", server_groups.create, body=server_groups.CREATE, policy=f"{API}os-server-groups:create"),
    op("GET", "/os-server-groups/{group_id}", server_groups.show, query=NOTHING_SINCE_2102, policy=f"{API}os-server-groups:show", load=SERVER_GROUP),
    op("DELETE", "/os-server-groups/{group_id}", server_groups.delete, status=204, policy=f"{API}os-server-groups:delete", load=SERVER_GROUP),
)  # fmt: skip

REPORTS: tuple[Operation, ...] = (
    op("GET", "/limits", limits.show, query=limits.SHOW, policy=f"{API}limits"),
    op("GET", "/os-simple-tenant-usage", tenant_usage.index, query=tenant_usage.LIST, policy=f"{API}os-simple-tenant-usage:list"),
    op("GET", "/os-simple-tenant-usage/{tenant_id}", tenant_usage.show, query=tenant_usage.SHOW),
    op("GET", "/os-instance_usage_audit_log", usage_audit_log.index, query=NOTHING_SINCE_2102, policy=f"{API}os-instance-usage-audit-log:list"),
    op("GET", "/os-instance_usage_audit_log/{before}", usage_audit_log.show, query=NOTHING_SINCE_2102, policy=f"{API}os-instance-usage-audit-log:show"),
    op("GET", "/extensions", extensions.index, query=NOTHING_SINCE_2102, policy=f"{API}extensions"),
    op("GET", "/extensions/{alias}", extensions.show, query=NOTHING_SINCE_2102, policy=f"{API}extensions"),
)  # fmt: skip

RETIRED: tuple[Operation, ...] = (
    *(op(method, path, retired.gone) for path, methods in retired.OPERATIONS.items() for method in methods),
    *(op("POST", path, actions=[action(name, retired.gone) for name in names]) for path, names in retired.ACTIONS.items()),
)  # fmt: skip

# What other services know, under Compute's own URLs.
OWN = f"{API}os-"
PROXIES: tuple[Operation, ...] = (
    op("GET", "/images", image_proxies.index, query=image_proxies.LIST, until="2.35"),
    op("GET", "/images/detail", image_proxies.detail, query=image_proxies.LIST, until="2.35"),
    op("GET", "/images/{image_id}", image_proxies.show, until="2.35"),
    op("DELETE", "/images/{image_id}", image_proxies.delete, status=204, until="2.35"),
    op("GET", "/images/{image_id}/metadata", image_proxies.metadata, until="2.38"),
    op("POST", "/images/{image_id}/metadata", image_proxies.add_metadata, body=image_proxies.CREATE_METADATA, until="2.38"),
    op("PUT", "/images/{image_id}/metadata", image_proxies.set_metadata, body=image_proxies.CREATE_METADATA, until="2.38"),
    op("GET", "/images/{image_id}/metadata/{key}", image_proxies.metadata_item, until="2.38"),
    op("PUT", "/images/{image_id}/metadata/{key}", image_proxies.set_metadata_item, body=image_proxies.UPDATE_METADATA, until="2.38"),
    op("DELETE", "/images/{image_id}/metadata/{key}", image_proxies.delete_metadata_item, status=204, until="2.38"),
    op("GET", "/os-networks", network_proxies.networks, policy=f"{OWN}networks:list", until="2.35"),
    op("GET", "/os-networks/{id}", network_proxies.network, policy=f"{OWN}networks:show", until="2.35"),
    op("GET", "/os-tenant-networks", network_proxies.tenant_networks, policy=f"{OWN}tenant-networks:list", until="2.35"),
    op("GET", "/os-tenant-networks/{id}", network_proxies.tenant_network, policy=f"{OWN}tenant-networks:show", until="2.35"),
    op("GET", "/os-floating-ip-pools", network_proxies.floating_ip_pools, policy=f"{OWN}floating-ip-pools", until="2.35"),
    op("GET", "/os-floating-ips", network_proxies.floating_ips, policy=f"{OWN}floating-ips:list", until="2.35"),
    op("POST", "/os-floating-ips", network_proxies.create_floating_ip, body=network_proxies.CREATE_FLOATING_IP, policy=f"{OWN}floating-ips:create", until="2.35"),
    op("GET", "/os-floating-ips/{id}", network_proxies.floating_ip, policy=f"{OWN}floating-ips:show", until="2.35"),
    op("DELETE", "/os-floating-ips/{id}", network_proxies.delete_floating_ip, status=202, policy=f"{OWN}floating-ips:delete", until="2.35"),
    op("GET", "/os-security-groups", security_group_proxies.index, query=security_group_proxies.LIST, policy=f"{OWN}security-groups:get", until="2.35"),
    op("POST", "/os-security-groups", security_group_proxies.create, body=security_group_proxies.GROUP, policy=f"{OWN}security-groups:create", until="2.35"),
    op("GET", "/os-security-groups/{id}", security_group_proxies.show, policy=f"{OWN}security-groups:show", until="2.35"),
    op("PUT", "/os-security-groups/{id}", security_group_proxies.update, body=security_group_proxies.GROUP, policy=f"{OWN}security-groups:update", until="2.35"),
    op("DELETE", "/os-security-groups/{id}", security_group_proxies.delete, status=202, policy=f"{OWN}security-groups:delete", until="2.35"),
    op("POST", "/os-security-group-rules", security_group_proxies.create_rule, body=security_group_proxies.RULE, policy=f"{OWN}security-groups:rule:create", until="2.35"),
    op("GET", "/os-baremetal-nodes", baremetal.nodes, policy=f"{OWN}baremetal-nodes:list", until="2.35"),
    op("POST", "/os-baremetal-nodes", baremetal.ironic("node-create"), until="2.35"),
    op("GET", "/os-baremetal-nodes/{id}", baremetal.nodes, policy=f"{OWN}baremetal-nodes:show", until="2.35"),
    op("DELETE", "/os-baremetal-nodes/{id}", baremetal.ironic("node-delete"), until="2.35"),
    op("POST", "/os-baremetal-nodes/{id}/action", actions=[
        action("add_interface", baremetal.ironic("port-create"), until="2.35"),
        action("remove_interface", baremetal.ironic("port-delete"), until="2.35"),
    ]),
    op("GET", "/os-volumes", volume_proxies.volumes, query=volume_proxies.LIST, policy=f"{OWN}volumes:list", until="2.35"),
    op("GET", "/os-volumes/detail", volume_proxies.volumes, query=volume_proxies.LIST, policy=f"{OWN}volumes:detail", until="2.35"),
    op("POST", "/os-volumes", volume_proxies.create_volume, body=volume_proxies.CREATE_VOLUME, policy=f"{OWN}volumes:create", until="2.35"),
    op("GET", "/os-volumes/{id}", volume_proxies.volume, policy=f"{OWN}volumes:show", until="2.35"),
    op("DELETE", "/os-volumes/{id}", volume_proxies.delete_volume, status=202, policy=f"{OWN}volumes:delete", until="2.35"),
    op("GET", "/os-snapshots", volume_proxies.snapshots, query=volume_proxies.LIST, policy=f"{OWN}volumes:snapshots:list", until="2.35"),
    op("GET", "/os-snapshots/detail", volume_proxies.snapshots, query=volume_proxies.LIST, policy=f"{OWN}volumes:snapshots:detail", until="2.35"),
    op("POST", "/os-snapshots", volume_proxies.create_snapshot, body=volume_proxies.CREATE_SNAPSHOT, policy=f"{OWN}volumes:snapshots:create", until="2.35"),
    op("GET", "/os-snapshots/{id}", volume_proxies.snapshot, policy=f"{OWN}volumes:snapshots:show", until="2.35"),
    op("DELETE", "/os-snapshots/{id}", volume_proxies.delete_snapshot, status=202, policy=f"{OWN}volumes:snapshots:delete", until="2.35"),
    op("DELETE", "/os-security-group-rules/{id}", security_group_proxies.delete_rule, status=202, policy=f"{OWN}security-groups:rule:delete", until="2.35"),
)  # fmt: skip

QUOTAS: tuple[Operation, ...] = (
    op("GET", "/os-quota-sets/{tenant_id}", quotas.show, query=quotas.OF_USER),
    op("GET", "/os-quota-sets/{tenant_id}/detail", quotas.detail, query=quotas.OF_USER),
    op("GET", "/os-quota-sets/{tenant_id}/defaults", quotas.defaults),
    op("PUT", "/os-quota-sets/{tenant_id}", quotas.update, body=quotas.UPDATE, query=quotas.OF_USER),
    op("DELETE", "/os-quota-sets/{tenant_id}", quotas.delete, status=202, query=quotas.OF_USER),
    op("GET", "/os-quota-class-sets/{class_name}", quota_classes.show, query=NOTHING_SINCE_2102, policy=f"{API}os-quota-class-sets:show"),
    op("PUT", "/os-quota-class-sets/{class_name}", quota_classes.update, body=quota_classes.UPDATE, policy=f"{API}os-quota-class-sets:update"),
)  # fmt: skip

AGGREGATES = f"{API}os-aggregates"
HYPERVISORS = f"{API}os-hypervisors"

AGGREGATE_ACTIONS: tuple[Operation, ...] = (
    action("add_host", aggregates.add_host, status=200, body=aggregates.ADD_HOST, policy=f"{AGGREGATES}:add_host"),
    action("remove_host", aggregates.remove_host, status=200, body=aggregates.REMOVE_HOST, policy=f"{AGGREGATES}:remove_host"),
    action("set_metadata", aggregates.set_metadata, status=200, body=aggregates.SET_METADATA, policy=f"{AGGREGATES}:set_metadata"),
)  # fmt: skip

HOSTS: tuple[Operation, ...] = (
    op("GET", "/os-services", services.index, query=services.LIST, policy=f"{API}os-services:list"),
    op("PUT", "/os-services/{service_id}", services.act, body=services.ACT, policy=f"{API}os-services:update", until="2.52"),
    op("PUT", "/os-services/{service_id}", services.update, body=services.UPDATE, policy=f"{API}os-services:update", since="2.53"),
    op("DELETE", "/os-services/{service_id}", services.delete, status=204, policy=f"{API}os-services:delete"),

    op("GET", "/os-hypervisors", hypervisors.index, query=hypervisors.LIST, policy=f"{HYPERVISORS}:list"),
    op("GET", "/os-hypervisors/detail", hypervisors.detail, query=hypervisors.LIST, policy=f"{HYPERVISORS}:list-detail"),
    op("GET", "/os-hypervisors/statistics", hypervisors.statistics, policy=f"{HYPERVISORS}:statistics", until="2.87"),
    op("GET", "/os-hypervisors/{hypervisor_id}", hypervisors.show, query=hypervisors.SHOW, policy=f"{HYPERVISORS}:show"),
    op("GET", "/os-hypervisors/{hypervisor_id}/uptime", hypervisors.show_uptime, policy=f"{HYPERVISORS}:uptime", until="2.87"),
    op("GET", "/os-hypervisors/{hypervisor_id}/search", hypervisors.search, policy=f"{HYPERVISORS}:search", until="2.52"),
    op("GET", "/os-hypervisors/{hypervisor_id}/servers", hypervisors.list_servers, policy=f"{HYPERVISORS}:servers", until="2.52"),

    op("GET", "/os-hosts", hosts.index, query=hosts.LIST, policy=f"{API}os-hosts:list", until="2.42"),
    op("GET", "/os-hosts/{host_name}", hosts.show, policy=f"{API}os-hosts:show", until="2.42"),
    op("PUT", "/os-hosts/{host_name}", hosts.update, body=hosts.UPDATE, policy=f"{API}os-hosts:update", until="2.42"),
    op("GET", "/os-hosts/{host_name}/startup", hosts.startup, policy=f"{API}os-hosts:start", until="2.42"),
    op("GET", "/os-hosts/{host_name}/shutdown", hosts.shutdown, policy=f"{API}os-hosts:shutdown", until="2.42"),
    op("GET", "/os-hosts/{host_name}/reboot", hosts.reboot, policy=f"{API}os-hosts:reboot", until="2.42"),

    op("GET", "/os-aggregates", aggregates.index, query=NOTHING_SINCE_2102, policy=f"{AGGREGATES}:index"),
    op("POST", "/os-aggregates", aggregates.create, body=aggregates.CREATE, policy=f"{AGGREGATES}:create"),
    op("GET", "/os-aggregates/{aggregate_id}", aggregates.show, query=NOTHING_SINCE_2102, policy=f"{AGGREGATES}:show"),
    op("PUT", "/os-aggregates/{aggregate_id}", aggregates.update, body=aggregates.UPDATE, policy=f"{AGGREGATES}:update"),
    op("DELETE", "/os-aggregates/{aggregate_id}", aggregates.delete, policy=f"{AGGREGATES}:delete"),
    op("POST", "/os-aggregates/{aggregate_id}/action", actions=AGGREGATE_ACTIONS),
    op("POST", "/os-aggregates/{aggregate_id}/images", aggregates.cache_images, status=202, body=aggregates.CACHE, policy="compute:aggregates:images", since="2.81"),

    op("GET", "/os-availability-zone", availability_zones.index, query=NOTHING_SINCE_2102, policy=f"{API}os-availability-zone:list"),
    op("GET", "/os-availability-zone/detail", availability_zones.detail, query=NOTHING_SINCE_2102, policy=f"{API}os-availability-zone:detail"),
)  # fmt: skip

OPERATIONS: tuple[Operation, ...] = (
    op("GET", "/versions/{version_id}", root.version),
    *FLAVORS,
    *KEYPAIRS,
    *QUOTAS,
    *SERVER_GROUPS,
    *REPORTS,
    *PROXIES,
    *RETIRED,
    *SERVERS,
    *SERVER_PARTS,
    *volumes_boot.aliases((*SERVERS, *SERVER_PARTS)),
    *HOSTS,
)
