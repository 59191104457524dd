"""The command `demo`: a server's life, as an unmodified client sees it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from emulator.cloud import Cloud

if TYPE_CHECKING:
    from openstack.compute.v2.server import Server
    from openstack.connection import Connection

Tell = Callable[[str], None]
STEP_SECONDS = 0.5
STEPS_MAX = 1000
CONSOLE_LINES = 4


def demonstrate(tell: Tell) -> None:
    """Boot, resize, stop and delete a server through openstacksdk; `tell` gets line after line.

    Time is the cloud's own, so that minutes pass at once. UsageError without openstacksdk.
    """
    with Cloud(clock="manual", durations="typical") as cloud:
        tell(f"A cloud of one process is at {cloud.url}")
        connection = cloud.connect("demo")
        compute = connection.compute
        flavors = {flavor.name: flavor.id for flavor in compute.flavors()}
        image = min(connection.image.images(), key=lambda each: each.size or 0)
        network = connection.network.find_network("private", ignore_missing=False)
        tell(f"demo boots a server from {image.name} as m1.tiny on the network private:")
        server = compute.create_server(
            name="vm1",
            image_id=image.id,
            flavor_id=flavors["m1.tiny"],
            networks=[{"uuid": network.id}],
        )
        _watch(cloud, connection, server, "ACTIVE", tell)
        server = compute.get_server(server)
        addresses = [each["addr"] for found in server.addresses.values() for each in found]
        tell(f"  its addresses are {', '.join(addresses)}; the console ends with:")
        console = compute.get_server_console_output(server)["output"]
        for line in console.splitlines()[-CONSOLE_LINES:]:
            tell(f"    {line}")
        tell("It is resized to m1.small:")
        compute.resize_server(server, flavors["m1.small"])
        _watch(cloud, connection, server, "VERIFY_RESIZE", tell)
        compute.confirm_server_resize(server)
        _watch(cloud, connection, server, "ACTIVE", tell)
        tell("It is stopped:")
        compute.stop_server(server)
        _watch(cloud, connection, server, "SHUTOFF", tell)
        actions = [each.action for each in compute.server_actions(server)]
        tell(f"What happened to it is recorded: {', '.join(reversed(actions))}")
        compute.delete_server(server)
        cloud.settle()
        tell(f"It is deleted; {len(list(compute.servers()))} servers are left.")
        connection.close()


def _watch(cloud: Cloud, connection: Connection, server: Server, end: str, tell: Tell) -> None:
    """Let time pass until the server has a status; tell each state that it goes through."""
    begun, shown = cloud.now, ""
    for _ in range(STEPS_MAX):
        server = connection.compute.get_server(server)
        state = server.status + (f" ({server.task_state})" if server.task_state else "")
        if state != shown:
            tell(f"  {cloud.now - begun:5.1f} s  {state}")
            shown = state
        if server.task_state is None and server.status == end:
            return
        cloud.advance(STEP_SECONDS)
