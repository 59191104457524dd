"""Whatever happens to servers, what a project has in use is what its servers are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

import pytest

from emulator.compute import quotas
from emulator.ids import chance

ACTIONS: tuple[dict[str, Any], ...] = (
    {"os-stop": None},
    {"os-start": None},
    {"resize": {"flavorRef": "2"}},
    {"resize": {"flavorRef": "3"}},
    {"resize": {"flavorRef": "1"}},
    {"confirmResize": None},
    {"revertResize": None},
    {"migrate": None},
    {"shelve": None},
    {"unshelve": None},
    {"os-resetState": {"state": "error"}},
    {"os-resetState": {"state": "active"}},
    {"forceDelete": None},
    {"restore": None},
    {"pause": None},
    {"unpause": None},
    {"rescue": {}},
    {"unrescue": None},
)


def in_use(cloud: Any, project_id: str) -> dict[str, int]:
    """Return what the servers of a project are, counted one by one."""
    row = cloud.database.one(
        "SELECT count(*) AS instances, coalesce(sum(vcpus), 0) AS cores,"
        " coalesce(sum(memory_mb), 0) AS ram FROM compute_servers WHERE project_id = ?"
        " AND deleted = 0 AND coalesce(vm_state, '') <> 'soft-delete'",
        (project_id,),
    )
    return dict(row)


@pytest.mark.parametrize("seed", range(4))
def test_usage_is_the_sum_of_the_live_servers(seed: int, open_cloud: Callable[..., Any]) -> None:
    api = open_cloud(who=["admin"], clock="manual", durations="fast")
    draws = count()

    def draw() -> float:
        return chance(seed, next(draws))

    def one_of(choices: Sequence[Any]) -> Any:
        return choices[int(draw() * len(choices))]

    project_id = api.get(
        "/identity/v3/auth/tokens", headers={"X-Subject-Token": api.token("admin")}
    )
    project_id = project_id.json["token"]["project"]["id"]
    image = api.get("/image/v2/images?name=cirros-0.6.3-x86_64-disk").json["images"][0]["id"]
    for _ in range(150):
        listed = api.get("/compute/v2.1/servers").json["servers"]
        dice = draw()
        if dice < 0.25 or not listed:
            wanted = {
                "name": "vm",
                "imageRef": image,
                "flavorRef": one_of(["1", "2", "42", "5"]),
                "networks": "none",
                "min_count": one_of([1, 2, 3]),
            }
            api.post("/compute/v2.1/servers", {"server": wanted}, version="compute 2.37")
        else:
            url = f"/compute/v2.1/servers/{one_of(listed)['id']}"
            if dice < 0.35:
                api.delete(url)
            else:
                api.post(f"{url}/action", one_of(ACTIONS))
        if draw() < 0.5:
            api.cloud.advance(one_of([0.05, 0.5, 60]))
        if draw() < 0.3:
            api.cloud.settle()
        assert quotas.count(api.cloud.context(), project_id) == in_use(api.cloud, project_id)
