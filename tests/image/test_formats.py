"""Disk formats: what data is, by its first bytes."""

from __future__ import annotations

import struct

import pytest

from emulator.image.formats import empty_qcow2, inspect, matches, virtual_size


@pytest.mark.parametrize("size", [0, 1, 117440512, 3758096384, 1 << 40])
def test_an_empty_disk_is_small_and_says_how_large_it_is(size: int) -> None:
    data = empty_qcow2(size, "some name")
    assert inspect(data, len(data)) == ("qcow2", size)
    assert b"some name" in data
    assert len(data) <= 4 << 20


def test_its_tables_are_where_the_header_says() -> None:
    data = empty_qcow2(1 << 30)
    version, bits = struct.unpack(">I", data[4:8])[0], struct.unpack(">I", data[20:24])[0]
    entries, l1_table, counts, clusters = struct.unpack(">IQQI", data[36:60])
    cluster = 1 << bits
    assert version == 3
    assert len(data) % cluster == 0
    assert entries * (cluster // 8) * cluster >= 1 << 30
    assert data[l1_table : l1_table + entries * 8] == b"\0" * (entries * 8)
    (block,) = struct.unpack(">Q", data[counts : counts + 8])
    used = struct.unpack(f">{cluster // 2}H", data[block : block + cluster])
    assert sum(used) == len(data) // cluster
    assert clusters == 1


@pytest.mark.parametrize(
    ("head", "name", "inside"),
    [
        (b"plain", "raw", 5),
        (b"", "raw", 0),
        (b"KDMV" + b"\0" * 8 + struct.pack("<Q", 2048), "vmdk", 2048 * 512),
        (b"conectix" + b"\0" * 32 + struct.pack(">Q", 4096), "vhd", 4096),
        (b"\0" * 64 + b"\x7f\x10\xda\xbe" + b"\0" * 300 + struct.pack("<Q", 99), "vdi", 99),
        (b"\0" * 510 + b"\x55\xaa", "gpt", 512),
        (b"QFI\xfb", "qcow2", 0),
    ],
)
def test_formats_are_told_by_their_signatures(head: bytes, name: str, inside: int) -> None:
    assert inspect(head, len(head)) == (name, inside)


def test_what_is_said_and_what_is() -> None:
    qcow2 = empty_qcow2(1 << 20)
    assert matches("qcow2", qcow2, len(qcow2))
    assert matches("raw", qcow2, len(qcow2))
    assert matches("ami", b"plain", 5)
    assert not matches("qcow2", b"plain", 5)
    assert virtual_size("qcow2", qcow2, len(qcow2)) == 1 << 20
    assert virtual_size("raw", qcow2, len(qcow2)) == len(qcow2)
    assert virtual_size("vmdk", b"plain", 5) is None
