"""How much of anything an image may have (Glance 33.0.0, defaults of its configuration)."""

from __future__ import annotations

PAGE_DEFAULT = 25
PAGE_MAX = 1000
PROPERTIES_MAX = 128
TAGS_MAX = 128
MEMBERS_MAX = 128
LOCATIONS_MAX = 10
IMAGE_BYTES_MAX = 1 << 40
AMOUNT_MAX = 2**31 - 1  # of min_ram and min_disk
BODY_BYTES_MAX = 16 << 20  # of JSON: Glance reads bodies of any size
