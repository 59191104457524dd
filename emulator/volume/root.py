"""Cinder's version documents, extensions, limits, availability zones and services."""

from __future__ import annotations

from typing import Any

from emulator.volume import quotas
from emulator.volume.versions import LIMITS_OF_OTHERS, MAXIMUM, MINIMUM
from emulator.wire.links import service_root
from emulator.wire.negotiation import version_text
from emulator.wire.operation import Reply
from emulator.wire.request import Context


def choices(ctx: Context) -> Reply:
    """Answer at the root: 300 with the versions there are."""
    return Reply(300, versions(ctx))


def versions(ctx: Context) -> dict[str, Any]:
    """Describe v3, as clients ask to find the microversions."""
    return {
        "versions": [
            {
                "id": "v3.0",
                "status": "CURRENT",
                "version": version_text(ctx.newest(MAXIMUM)),
                "min_version": version_text(MINIMUM),
                "updated": "2023-08-31T00:00:00Z",
                "links": [
                    {
                        "rel": "describedby",
                        "type": "text/html",
                        "href": "https://docs.openstack.org/",
                    },
                    {"rel": "self", "href": f"{service_root(ctx)}/v3/"},
                ],
                "media-types": [
                    {
                        "base": "application/json",
                        "type": "application/vnd.openstack.volume+json;version=3",
                    }
                ],
            }
        ]
    }


def limits(ctx: Context) -> dict[str, Any]:
    """Show the project's absolute limits and what it uses."""
    project_id = ctx.project_id
    if LIMITS_OF_OTHERS in ctx and ctx.is_admin and "project_id" in ctx.query:
        project_id = ctx.query["project_id"][-1]
    allowed, used = quotas.limits(ctx, project_id), quotas.usage(ctx, project_id)
    return {
        "limits": {
            "rate": [],
            "absolute": {
                "maxTotalVolumes": allowed["volumes"],
                "maxTotalSnapshots": allowed["snapshots"],
                "maxTotalVolumeGigabytes": allowed["gigabytes"],
                "maxTotalBackups": allowed["backups"],
                "maxTotalBackupGigabytes": allowed["backup_gigabytes"],
                "totalVolumesUsed": used["volumes"],
                "totalGigabytesUsed": used["gigabytes"],
                "totalSnapshotsUsed": used["snapshots"],
                "totalBackupsUsed": used["backups"],
                "totalBackupGigabytesUsed": used["backup_gigabytes"],
            },
        }
    }


def availability_zones(ctx: Context) -> dict[str, Any]:
    """List the availability zones of volumes."""
    return {"availabilityZoneInfo": [{"zoneName": "nova", "zoneState": {"available": True}}]}
