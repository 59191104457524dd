"""The table of releases: what it says, and that it fits what the services here speak."""

from __future__ import annotations

import pytest

from emulator import releases
from emulator.compute import versions as compute
from emulator.errors import UsageError
from emulator.image import versions as image
from emulator.placement import versions as placement
from emulator.volume import versions as volume


def test_the_newest_release_is_the_one_emulated() -> None:
    newest = releases.NEWEST
    assert newest.compute == compute.MAXIMUM
    assert newest.volume == volume.MAXIMUM
    assert newest.placement == placement.MAXIMUM
    assert newest.image == (2, image.NEWEST_MINOR)


@pytest.mark.parametrize("service", ["compute", "volume", "placement", "image"])
def test_no_release_takes_a_version_back(service: str) -> None:
    versions = [getattr(each, service) for each in releases.SERIES]
    assert versions == sorted(versions)


def test_a_release_has_one_or_two_names() -> None:
    assert releases.find("yoga").compute == (2, 90)
    assert releases.find("2023.1") is releases.find("Antelope")
    with pytest.raises(UsageError, match="'folsom' is no release known here; they are train, "):
        releases.find("folsom")
    with pytest.raises(UsageError, match="'' is no release"):
        releases.find("")


def test_the_first_release_with_a_version() -> None:
    def first(service: str, version: tuple[int, int]) -> str | None:
        found = releases.first_with(service, version)
        return found and found.name

    assert first("compute", (2, 1)) == "train"
    assert first("compute", (2, 91)) == "zed"
    assert first("volume", (3, 71)) == "2024.1"
    assert first("placement", (1, 39)) == "yoga"
    assert first("compute", (2, 999)) is None
