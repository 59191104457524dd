"""Images: metadata, visibility, data. What other services ask of them is `find` and `named`."""

from emulator.image.images.queries import find, named

__all__ = ["find", "named"]
