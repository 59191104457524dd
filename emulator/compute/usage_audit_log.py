"""The audit log of server usage: nothing audits here, so no host has ever done it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from emulator.compute.errors import InvalidAuditDate
from emulator.wire.request import Context

# Queries


def compute_hosts(ctx: Context) -> list[str]:
    """Return the hosts that would do the audit."""
    rows = ctx.db.all(
        "SELECT DISTINCT host FROM compute_services WHERE binary = 'nova-compute' ORDER BY id"
    )
    return [row["host"] for row in rows]


# Operations


def index(ctx: Context) -> dict[str, Any]:
    """Show the last month that is over."""
    now = datetime.fromtimestamp(ctx.now, UTC).replace(tzinfo=None)
    return {"instance_usage_audit_logs": _log(ctx, now)}


def show(ctx: Context, before: str) -> dict[str, Any]:
    """Show the last month that was over at a moment, "2026-01-01 00:00:00"."""
    form = "%Y-%m-%d %H:%M:%S.%f" if "." in before else "%Y-%m-%d %H:%M:%S"
    try:
        moment = datetime.strptime(before, form)  # noqa: DTZ007 - times without a zone are UTC
    except ValueError:
        raise InvalidAuditDate(date=before) from None
    return {"instance_usage_audit_log": _log(ctx, moment)}


def _log(ctx: Context, moment: datetime) -> dict[str, Any]:
    hosts = compute_hosts(ctx)
    end = _month(moment - timedelta(microseconds=1))
    done = f"0 of {len(hosts)}" if hosts else "ALL"
    return {
        "period_beginning": str(_month(end - timedelta(microseconds=1))),
        "period_ending": str(end),
        "num_hosts": len(hosts),
        "num_hosts_done": 0,
        "num_hosts_running": 0,
        "num_hosts_not_run": len(hosts),
        "hosts_not_run": hosts,
        "total_instances": 0,
        "total_errors": 0,
        "overall_status": f"{done} hosts done. 0 errors.",
        "log": {},
    }


def _month(moment: datetime) -> datetime:
    """The beginning of the month that a moment is in."""
    return moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
