"""How clients reach a cloud of this process: its address, and what they need to know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, cast

from emulator import access
from emulator.control import neighbours

if TYPE_CHECKING:
    from openstack.connection import Connection

    from emulator.cloud import Cloud
    from emulator.server import Loopback


class Served:
    """A cloud as something that is reached. It is mixed into Cloud."""

    name: str
    parent: Cloud | None = None  # which this one is below
    _loopback: Loopback | None = None

    def start(self) -> Self:
        """Serve the cloud on loopback, beside the other clouds of this process."""
        from emulator.server import loopback

        if self.parent is not None:
            self.parent.start()
        elif self._loopback is None:
            self._loopback = loopback()
            self._loopback.add(cast("Cloud", self))
        return self

    @property
    def is_served(self) -> bool:
        """Whether it has a URL."""
        return self._loopback is not None or (self.parent is not None and self.parent.is_served)

    @property
    def url(self) -> str:
        """Where it is served: http://127.0.0.1:40123/clouds/c1. RuntimeError before start()."""
        if self.parent is not None:
            return f"{self.parent.url}{neighbours.PREFIX}{self.name}"
        if self._loopback is None:
            raise RuntimeError(
                "the cloud is not served: use `with Cloud() as cloud` or cloud.start()"
            )
        return self._loopback.url(cast("Cloud", self))

    def env(self, user: str = "demo", project: str | None = None) -> dict[str, str]:
        """Return the OS_* variables with which clients reach this cloud."""
        return access.variables(self.url, user, project or user)

    @property
    def clouds_yaml(self) -> str:
        """The text of a clouds.yaml for this cloud; `emulator` in it is user demo."""
        return access.clouds_yaml(self.url, "demo", "demo")

    def connect(
        self, user: str = "demo", project: str | None = None, *, transport: str = "loopback"
    ) -> Connection:
        """Return an openstacksdk connection; with transport="in-process" it uses no sockets."""
        from emulator.control import in_process

        return in_process.connection(cast("Cloud", self), user, project or user, transport)

    def close(self) -> None:
        """Stop serving the cloud and close its store."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        """Serve the cloud on loopback."""
        return self.start()

    def __exit__(self, *exception: object) -> None:
        """Close the cloud."""
        self.close()
