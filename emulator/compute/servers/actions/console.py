"""Console output: what the guest wrote to its serial port."""

from __future__ import annotations

from typing import Any

from emulator.compute.errors import InstanceNotReady
from emulator.compute.servers import guests
from emulator.ids import chance
from emulator.wire.request import Context
from emulator.wire.versioned import Body, prop

FAKE_OUTPUT = "FAKE CONSOLE OUTPUT\nANOTHER\nLAST LINE"
LOGIN = "login as 'cirros' user. default password: 'gocubsgo'. use 'sudo' for root."

# Schemas

LENGTH = {"type": ["integer", "string", "null"], "pattern": "^-?[0-9]+$", "minimum": -1}
OUTPUT_BODY = Body("os-getConsoleOutput", prop("length", LENGTH))

# View


def boot_log(ctx: Context, server: Any) -> str:
    """Return what a server's guest has written: a Linux that boots up to its login line.

    The lines depend on the server and the seed alone. Before the server has run there are none.
    """
    if not server["launched_at"]:
        return ""
    name = server["hostname"] or server["display_name"]
    seconds = [
        1.0 + 7 * chance(ctx.ids.seed, server["uuid"], "boot", number)
        for number in range(len(KERNEL) + len(SERVICES))
    ]
    seconds.sort()
    facts = {
        "memory": server["memory_mb"],
        "cpus": server["vcpus"],
        "uuid": server["uuid"],
        "name": name,
        "uptime": seconds[-1],
    }
    kernel = [
        f"[{after - 1:12.6f}] {line % facts}" for after, line in zip(seconds, KERNEL, strict=False)
    ]
    return "\n".join([*kernel, *(line % facts for line in SERVICES), "", LOGIN, f"{name} login: "])


KERNEL = (
    "Linux version 5.15.0-117-generic (buildd@lcy02-amd64-037) #127-Ubuntu SMP",
    "Command line: LABEL=cirros-rootfs ro console=tty1 console=ttyS0",
    "BIOS-provided physical RAM map:",
    "DMI: OpenStack Foundation OpenStack Nova, BIOS 1.16.2",
    "tsc: Fast TSC calibration using PIT",
    "Memory: %(memory)dM available, %(cpus)d CPU(s)",
    "smp: Bringing up secondary CPUs ...",
    "smpboot: Total of %(cpus)d processors activated",
    "virtio_blk virtio2: [vda] logical blocks",
    "virtio_net virtio0 ens3: renamed from eth0",
    "EXT4-fs (vda1): mounted filesystem with ordered data mode",
)
SERVICES = (
    "info: initramfs: up",
    "GROWROOT: CHANGED: partition=1",
    "info: /etc/init.d/rc.sysinit: up",
    "Starting syslogd: OK",
    "Initializing random number generator... done.",
    "Starting network: OK",
    "checking http://169.254.169.254/2009-04-04/instance-id",
    "successful after 1/20 tries: up. iid=%(uuid)s",
    "=== datasource: ec2 net ===",
    "instance-id: %(uuid)s",
    "name: %(name)s",
    "=== cirros: current=0.6.2 uptime=%(uptime).2f ===",
    "  ____               ____  ____",
    " / __/ __ ____ ____ / __ \\/ __/",
    "/ /__ / // __// __// /_/ /\\ \\ ",
    "\\___//_//_/  /_/   \\____/___/ ",
    "   http://cirros-cloud.net",
)

# Operations


def output(ctx: Context, server: Any, body: Any) -> dict[str, str]:
    """Return the last `length` lines, or all of them (Nova 34.0.0, manager._tail_log)."""
    if not server["host"]:
        raise InstanceNotReady(instance_id=server["uuid"])
    text = boot_log(ctx, server) if guests.of(ctx, server).boots else FAKE_OUTPUT
    length = body["os-getConsoleOutput"].get("length")
    if length is None:
        return {"output": text}
    wanted = int(length)
    return {"output": "\n".join(text.split("\n")[-wanted:]) if wanted else ""}
