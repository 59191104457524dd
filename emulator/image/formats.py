"""What kind of disk image data is, by its first bytes; and images of the emulator's own making."""

from __future__ import annotations

import struct
from collections.abc import Callable

SECTOR_BYTES = 512
CLUSTER_BITS = range(11, 21)  # of the images made here: as few as serve

VirtualSize = Callable[[bytes, int], int]
"""virtual_size(head, size) → bytes of the disk inside, 0 when the head does not say."""


def _number(layout: str, offset: int, unit: int = 1) -> VirtualSize:
    """Read the size of the disk from a place in the head."""

    def read(head: bytes, size: int) -> int:
        end = offset + struct.calcsize(layout)
        return struct.unpack(layout, head[offset:end])[0] * unit if len(head) >= end else 0

    return read


def _whole(head: bytes, size: int) -> int:
    """The data is the disk."""
    return size


# format, magic, where it stands, how large the disk is
SIGNATURES: tuple[tuple[str, bytes, int, VirtualSize], ...] = (
    ("qcow2", b"QFI\xfb", 0, _number(">Q", 24)),
    ("qed", b"QED\0", 0, _number("<Q", 56)),
    ("vmdk", b"KDMV", 0, _number("<Q", 12, SECTOR_BYTES)),
    ("vmdk", b"# Disk DescriptorFile", 0, lambda head, size: 0),
    ("vdi", b"\x7f\x10\xda\xbe", 64, _number("<Q", 368)),
    ("vhd", b"conectix", 0, _number(">Q", 40)),
    ("vhdx", b"vhdxfile", 0, lambda head, size: 0),
    ("luks", b"LUKS\xba\xbe", 0, _whole),
    ("iso", b"CD001", 32769, _whole),
    ("gpt", b"\x55\xaa", 510, _whole),
)
INSPECTABLE = frozenset({"raw", *(name for name, *_ in SIGNATURES)})


def inspect(head: bytes, size: int) -> tuple[str, int]:
    """Return the format of data, and the size of the disk it holds; what is not known is raw."""
    for name, magic, offset, virtual_size in SIGNATURES:
        if head[offset : offset + len(magic)] == magic:
            return name, virtual_size(head, size)
    return "raw", size


def virtual_size(declared: str, head: bytes, size: int) -> int | None:
    """Return the virtual size of data said to be of a format, None when it is not known.

    Glance 33.0.0, location.ImageProxy.set_data.
    """
    found, inside = inspect(head, size)
    if declared == "raw":
        return size or None
    return (inside or None) if found == declared else None


def matches(declared: str, head: bytes, size: int) -> bool:
    """Say whether data is of the format it is said to be, as far as that can be told."""
    found, _ = inspect(head, size)
    unknown = found == "raw" and declared not in INSPECTABLE
    return unknown or declared in (found, "raw")


def empty_qcow2(disk_bytes: int, text: str = "") -> bytes:
    """Return a valid qcow2 image (version 3) of an empty disk; `text` makes it unlike others.

    It is a header, a table and a block of reference counts, and an empty level-1 table.
    """
    bits = next(each for each in CLUSTER_BITS if disk_bytes <= _mapped_bytes(1 << each))
    cluster = 1 << bits
    per_table = cluster // 8 * cluster  # bytes of disk that one level-2 table maps
    entries = -(-disk_bytes // per_table)
    refcount_table, refcount_block, l1_table = 1, 2, 3
    clusters = l1_table + 1
    header = struct.pack(
        ">4sIQIIQIIQQIIQ",
        b"QFI\xfb", 3, 0, 0, bits, disk_bytes, 0,
        entries, l1_table * cluster, refcount_table * cluster, 1, 0, 0,
    )  # fmt: skip
    header += struct.pack(">QQQII", 0, 0, 0, 4, 104)
    name = text.encode()[: cluster - len(header) - 16]
    header += struct.pack(">II", 0x656D756C, len(name)) + name + b"\0" * (-len(name) % 8)
    blocks = [
        header.ljust(cluster, b"\0"),
        struct.pack(">Q", refcount_block * cluster).ljust(cluster, b"\0"),
        struct.pack(f">{clusters}H", *[1] * clusters).ljust(cluster, b"\0"),
        b"\0" * cluster,
    ]
    return b"".join(blocks)


def _mapped_bytes(cluster: int) -> int:
    """How large a disk is that one cluster of level-1 entries can map."""
    return (cluster // 8) ** 2 * cluster
