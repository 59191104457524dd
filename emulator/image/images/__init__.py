"""Images: metadata, visibility, data. What other services ask of them is `find`."""

from emulator.image.images.queries import find

__all__ = ["find"]
