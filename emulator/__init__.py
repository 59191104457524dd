"""A local OpenStack cloud for tests: one process, one port, no hypervisor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["AsyncCloud", "Cloud", "RemoteCloud", "__version__"]

if TYPE_CHECKING:
    from emulator.cloud import Cloud
    from emulator.control.awaited import AsyncCloud
    from emulator.control.remote import RemoteCloud


def __getattr__(name: str) -> Any:
    """Import a class on first use, so that `import emulator` alone costs nothing."""
    if name == "Cloud":
        from emulator.cloud import Cloud

        return Cloud
    if name == "AsyncCloud":
        from emulator.control.awaited import AsyncCloud

        return AsyncCloud
    if name == "RemoteCloud":
        from emulator.control.remote import RemoteCloud

        return RemoteCloud
    raise AttributeError(f"module 'emulator' has no attribute {name!r}")
