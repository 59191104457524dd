"""What no service answers: /health, and the list of services at the root."""

from __future__ import annotations

from collections.abc import Iterable

from emulator.wire.dispatch import encode
from emulator.wire.request import Request, Response
from emulator.wire.service import Service


def answer(request: Request, services: Iterable[Service]) -> Response:
    """Answer what no service does: /health, and the list of services at the root."""
    content = [("Content-Type", "application/json")]
    if request.path == "/health":
        return Response(200, content, encode({"status": "ok"}))
    if request.path in ("", "/"):
        base = request.origin + request.root
        links = {service.name: base + service.mount for service in services}
        return Response(200, content, encode({"openstack-emulator": links}))
    return Response(
        404, content, encode({"error": {"code": 404, "message": "No service is here."}})
    )
