"""Holds Compute against the samples that Nova publishes, where a folder with them is at hand.

    python .ci/samples.py REFERENCE [WORD]      all, or those whose name has the word

REFERENCE holds compute/samples, one folder a resource, in it one a version. For each answer among
the samples the emulator does the same operation at the same version, in a cloud that has one of
everything, and both bodies are held side by side: the same keys, the same JSON types. A null says
nothing of a type. The elements of a list are seen as one. Objects whose keys are anybody's own
(metadata and the like) are compared by what they hold. Exit status 1 where a sample differs and
docs/differences.md does not name it.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from furnished import BEFORE, World, furnished

ROOT = Path(__file__).parents[1]
FREE = {
    "metadata", "meta", "addresses", "extra_specs", "log", "properties", "hosts", "scheduler_hints",
}  # fmt: skip
OF_ONES_OWN = {
    "server-ips-network",
    "flavor-extra-specs-get",
    "flavor-extra-specs-update",
}  # samples whose first key is a name that was chosen
GONE = 410  # what Nova removed for good; its samples are still published


BY_UUID = (2, 53)
NETWORKS_NEEDED = (2, 37)
LEFT_OUT = ("same_host", "volume_type", "personality")  # in requests: what the cloud does not have
BY_STATE = ("migrations[].links",)  # keys that only some elements of a list have

# Which operation a sample is of


@dataclass(frozen=True)
class Ask:
    """A row of samples.yaml: how to get the answer that a sample shows."""

    row: dict[str, Any]

    def at(self, version: str) -> tuple[str, str, Any]:
        """Return method, path and body at a version; the path is empty when there is no way."""
        method = next((each for each in ("GET", "POST", "PUT") if each in self.row), "")
        body, path = self.row.get("body"), self.row.get(method, "")
        if _numbers(version) < BY_UUID:
            path = self.row.get("below 2.53", path)
            body = self.row.get("body below 2.53", body)
        return method, path, body


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


# Shapes


def differences(sample: list[Any], ours: list[Any], place: str = "") -> Iterator[str]:
    """Yield what sets two lists of values apart: those that stand at one place of two bodies."""
    sample, ours = ([each for each in values if each is not None] for values in (sample, ours))
    if not sample or not ours:
        return
    kinds = {kind(each) for each in sample}
    for unlike in sorted({kind(each) for each in ours} - kinds):
        yield f"{place or 'body'}: {unlike}, sample has {' or '.join(sorted(kinds))}"
    for each, more in ((list, "[]"), (dict, "")):
        told, held = ([v for v in values if isinstance(v, each)] for values in (sample, ours))
        if told and held and each is list:
            inner = [[part for value in values for part in value] for values in (told, held)]
            if inner[0] and not inner[1]:
                yield f"{place}: empty here, so not compared"
            yield from differences(inner[0], inner[1], place + more)
        elif told and held:
            yield from _of_objects(told, held, place)


def kind(value: Any) -> str:
    """The JSON type of a value."""
    names = {bool: "boolean", int: "number", float: "number", str: "string", list: "array"}
    return names.get(type(value), "object")


def _of_objects(sample: list[Any], ours: list[Any], place: str) -> Iterator[str]:
    if place.removesuffix("[]").rpartition(".")[2] in FREE or place.endswith("hosts.*"):
        values = [[part for each in side for part in each.values()] for side in (sample, ours)]
        yield from differences(values[0], values[1], f"{place}.*")
        return
    known = {name for each in sample for name in each}
    always = {name for name in known if all(name in each for each in sample)}
    for name in sorted(always):
        enough = any if f"{place}.{name}" in BY_STATE else all
        if not enough(name in each for each in ours):
            yield f"{place}.{name}: missing".lstrip(".")
    for name in sorted({name for each in ours for name in each} - known):
        yield f"{place}.{name}: not in the sample".lstrip(".")
    for name in sorted(known):
        told, held = ([each[name] for each in side if name in each] for side in (sample, ours))
        yield from differences(told, held, f"{place}.{name}".lstrip("."))


# The samples


def samples(folder: Path, word: str) -> Iterator[tuple[Path, str, str]]:
    """Yield each answer among the samples: its file, what it is of, its version."""
    for each in sorted(folder.rglob("*.json")):
        relative = each.relative_to(folder).as_posix()
        parts = relative.split("/")
        version = parts[1][1:] if len(parts) == 3 else "2.1"
        name = re.sub(r"-resp(?=[-.]|$)|\.json$", "", parts[-1].removesuffix(".json"))
        if word in relative and _is_answer(parts[0], parts[-1]):
            yield each, f"{parts[0]}/{name}", version


def _is_answer(folder: str, name: str) -> bool:
    """Samples of answers are called so, but for some folders of answers."""
    if "resp" in name or "-res." in name:
        return True
    if "req" in name:
        return False
    answers = ("os-migrations", "os-simple-tenant-usage")
    named = ("migrations-get", "migrations-index", "with-changes", "image-meta-key-get")
    return (
        folder in answers
        or any(each in name for each in named)
        or name.startswith("host-get-")
        or name == "server-rescue.json"
    )


def filled(world: World, value: Any, key: str = "") -> Any:
    """Put the world's ids into the body of a request."""
    ids = world.ids
    if isinstance(value, dict):
        if value.get("source_type") in ("image", "volume"):  # of a block device
            kind_of = "{image}" if value["source_type"] == "image" else "{volume_spare}"
            value = {**value, "uuid": kind_of}
        kept = {name: each for name, each in value.items() if name not in LEFT_OUT}
        return {name: filled(world, each, name) for name, each in kept.items()}
    if isinstance(value, list):
        return [filled(world, each, key) for each in value]
    own = {
        "imageRef": ids["image"],
        "rescue_image_ref": ids["image"],
        "flavorRef": ids["flavor"],
        "uuid": ids["network"],
        "group": ids["group"],
        "availability_zone": "nova",
        "key_name": "key-demo",
        "volumeId": ids["volume_spare"],
        "volume_id": ids["volume_spare"],
        "server_uuid": ids["server"],
        "host": ids["host_other"],
        "hypervisor_hostname": ids["host_other"],
        "user_id": ids["user_demo"],
    }
    if key == "contents":
        return "aGVsbG8="
    if key in own and isinstance(value, str) and not value.startswith("{"):
        return own[key]
    if isinstance(value, str):
        return re.sub(r"\{(\w+)\}", lambda match: ids.get(match[1], match[0]), value)
    return value


def body_of(world: World, ask: Ask, sample: Path, version: str) -> Any:
    """Return the body to send for a sample."""
    body = ask.at(version)[2]
    if "file" in ask.row:
        same = sample.stem.replace("-resp", "")
        stem = ask.row["file"].replace("{same}", same)
        found = [sample.parent / f"{stem}.json", sample.parent / f"{same}-req.json"]
        found += sorted(sample.parent.glob(f"{stem}*.json"))
        chosen = next((each for each in found if each.exists() and each != sample), None)
        if chosen is None:
            return None
        body = json.loads(chosen.read_text())
        server = body.get("server", {})
        if ask.row.get("POST") == "/servers" and _numbers(version) >= NETWORKS_NEEDED:
            server.setdefault("networks", [{"uuid": ""}])  # Nova refuses some of its own samples
    return filled(world, body)


def table() -> list[Ask]:
    """Return how to get what the samples show."""
    return [Ask(row) for row in yaml.safe_load((ROOT / ".ci" / "samples.yaml").read_text())]


def found_ask(asks: list[Ask], name: str, version: str) -> Ask:
    """Return how to get what a sample of this name shows."""
    counted = name.replace("quota-sets-noop/", "quota-sets/")
    fitting = (each for each in asks if re.fullmatch(each.row["sample"], counted))
    found = next(fitting, Ask({"not": "no row of samples.yaml"}))
    if version == "2.69" and "-create" not in name:
        return Ask({**found.row, "before": "cell_down"})
    if counted != name:
        return Ask({**found.row, "before": "quotas_uncounted"})
    return found


def answered(world: World, ask: Ask, sample: Path, name: str, version: str) -> tuple[int, Any]:
    """Do the operation of a sample."""
    if "before" in ask.row:
        BEFORE[ask.row["before"]](world, version)
    world.ids["word"] = name.rpartition("-")[2]
    world.ids["servers"] = ""
    if name.endswith("-with-servers"):
        pattern = f"&hypervisor_hostname_pattern={world.ids['host']}" if "detail" in name else ""
        world.ids["servers"] = f"?with_servers=true{pattern}"
    method, path, _ = ask.at(version)
    told, who = sample.read_text(), ask.row.get("as", "admin")
    if _of_an_owner(told):
        who, path = "demo", path.replace("?all_tenants=1", "")
    if re.search(r'"\w+_links"', told) and "limit=" not in path:
        path = f"{path}{'&' if '?' in path else '?'}limit=1"
    return world.ask(method, path, body_of(world, ask, sample, version), version=version, who=who)


def _of_an_owner(told: str) -> bool:
    """Say whether a sample shows servers as their owner sees them; admins see more."""
    if '"OS-EXT-SRV-ATTR:host"' in told or '"hypervisor' in told:
        return False
    return '"OS-EXT-STS:vm_state"' in told or '"servers"' in told


def compare(folder: Path, word: str) -> int:
    """Compare every sample; print what differs and what was not reached, then the sums."""
    listed = (ROOT / "docs" / "differences.md").read_text()
    counted: Counter[str] = Counter()
    asks, world = table(), furnished()
    beginning, ids, settings = world.cloud.snapshot(), dict(world.ids), world.cloud.settings
    for sample, name, version in samples(folder, word):
        where = sample.relative_to(folder).as_posix()
        world.cloud.restore(beginning)
        world.cloud.settings = settings
        world.ids = dict(ids)
        ask = found_ask(asks, name, version)
        if "not" in ask.row:
            counted["not reached"] += 1
            print(f"not reached: {where}: {ask.row['not']}")
            continue
        try:
            status, body = answered(world, ask, sample, name, version)
        except RuntimeError as problem:
            status, body = 0, str(problem)
        if status == GONE:
            counted["removed from Nova, 410"] += 1
        elif status == 0 or status >= 400:
            counted["not reached"] += 1
            print(f"not reached: {where}: {status} {json.dumps(body)[:200]}")
        else:
            told = json.loads(sample.read_text()) if sample.stat().st_size else None
            found = list(differences(*_ownless(name, told, body)))
            known = bool(found) and f"`{where}`" in listed
            counted["differing, listed" if known else "differing" if found else "matched"] += 1
            if found:
                print(f"{'listed' if known else 'DIFFERS'}: {where}: {'; '.join(found)}")
    print(", ".join(f"{number} {what}" for what, number in sorted(counted.items())))
    return int(counted["differing"] > 0)


def _ownless(name: str, sample: Any, ours: Any) -> tuple[list[Any], list[Any]]:
    """Both bodies, without a first key that is a chosen name."""
    if name.rpartition("/")[2] in OF_ONES_OWN:
        return list(sample.values()), list(ours.values())
    return [sample], [ours]


def main() -> int:
    """Do what the arguments say."""
    if len(sys.argv) not in (2, 3):
        print(__doc__)
        return 2
    word = sys.argv[2] if len(sys.argv) == 3 else ""
    return compare(Path(sys.argv[1]) / "compute" / "samples", word)


if __name__ == "__main__":
    sys.exit(main())
