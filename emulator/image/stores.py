"""The stores that data may lie in: an image says in which, the content is kept once."""

from __future__ import annotations

from typing import Any, NamedTuple

from emulator import releases
from emulator.image.errors import UnknownStore
from emulator.wire.request import Context


class Store(NamedTuple):
    """One configured store. `folder` is where its URLs say that the files are."""

    id: str
    type: str
    description: str
    weight: int
    folder: str = ""

    @property
    def read_only(self) -> bool:
        """Whether data cannot be written to it."""
        return self.type == "http"


STORES = (
    Store("fast", "file", "Fast store, for images in daily use", 100, "/var/lib/glance/fast"),
    Store("slow", "file", "Slow store, for images kept for long", 50, "/var/lib/glance/slow"),
    Store("web", "http", "Images that stay on web servers", 0),
)
DEFAULT = STORES[0]
BY_ID = {store.id: store for store in STORES}
IMPORT_METHODS = ("glance-direct", "web-download", "copy-image", "glance-download")
CHUNK_SIZE = 65536


def named(store_id: str) -> Store:
    """Return the store of a name. UnknownStore when there is none."""
    if store_id not in BY_ID:
        raise UnknownStore(store=store_id)
    return BY_ID[store_id]


def location(store: Store, image_id: str) -> dict[str, Any]:
    """Return where an image's data is, as its `locations` show it."""
    return {"url": f"file://{store.folder}/{image_id}", "metadata": {"store": store.id}}


def weight(location: Any) -> int:
    """Return how much a location is preferred, for sorting."""
    store = BY_ID.get(location["metadata"].get("store", ""))
    return 0 if store is None else store.weight


# Operations


def methods(ctx: Context) -> tuple[str, ...]:
    """Return the ways of importing that there are."""
    found: tuple[str, ...] = releases.default(
        "image.import_methods", ctx.cloud.series, IMPORT_METHODS
    )
    return found


def import_methods(ctx: Context) -> Any:
    """Say which ways of importing there are."""
    return {
        "import-methods": {
            "description": "Import methods available.",
            "type": "array",
            "value": list(methods(ctx)),
        }
    }


def _shown(store: Store) -> dict[str, Any]:
    shown = {"id": store.id, "description": store.description}
    if store is DEFAULT:
        shown["default"] = "true"
    if store.read_only:
        shown["read-only"] = "true"
    return shown


def index(ctx: Context) -> Any:
    """List the stores."""
    return {"stores": [_shown(store) for store in STORES]}


def detail(ctx: Context) -> Any:
    """List the stores with what only administrators need to know."""
    return {
        "stores": [
            {
                **_shown(store),
                "type": store.type,
                "properties": {}
                if store.read_only
                else {
                    "data_dir": store.folder,
                    "chunk_size": CHUNK_SIZE,
                    "thin_provisioning": False,
                },
                "weight": store.weight,
            }
            for store in STORES
        ]
    }
