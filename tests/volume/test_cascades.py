"""What goes together: a volume and its snapshots, however long each of them takes."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize("seed", range(8))
def test_no_snapshot_outlives_its_volume(open_cloud: Any, seed: int) -> None:
    api = open_cloud(clock="manual", durations="typical", seed=seed)
    made = api.post("/volume/v3/volumes", {"volume": {"size": 1}})
    volume = f"/volume/v3/volumes/{made.json['volume']['id']}"
    api.cloud.settle()
    asked = {"snapshot": {"volume_id": made.json["volume"]["id"]}}
    taken = api.post("/volume/v3/snapshots", asked).json["snapshot"]["id"]
    api.cloud.settle()
    assert api.delete(f"{volume}?cascade=true").status == 202
    while api.get(volume).status == 200:
        api.cloud.advance(0.05)
    assert api.get(f"/volume/v3/snapshots/{taken}").status == 404
