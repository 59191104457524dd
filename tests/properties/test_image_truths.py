"""What is true of images whatever is done with them, found out by doing anything at all.

Two projects make, fill, share, import, copy and delete images at random, and time passes at random.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

IMAGES = "/image/v2/images"
OCTETS = {"Content-Type": "application/octet-stream"}
PATCH = {"Content-Type": "application/openstack-images-v2.1-json-patch"}
OWNERS = ("demo", "alt_demo")
WHO = st.sampled_from(("owner", "owner", "owner", "another"))
DATA = st.sampled_from((b"", b"a", b"b" * 1000, b"large" * (300 * 1024)))
VERB = st.sampled_from(("file", "stage"))
SECONDS = st.sampled_from((0, 0.2, 5, 60))
VISIBILITIES = ("private", "shared", "community")
IMPORTS: tuple[dict[str, Any], ...] = (
    {"method": {"name": "glance-direct"}},
    {"method": {"name": "glance-direct"}, "all_stores": True},
    {"method": {"name": "glance-direct"}, "stores": ["web"]},
    {"method": {"name": "web-download", "uri": "http://127.0.0.1:1/"}},
    {"method": {"name": "copy-image"}, "all_stores": True},
)
ADMIN_CHANGES = (
    ("POST", IMAGES + "/{image}/actions/deactivate"),
    ("POST", IMAGES + "/{image}/actions/reactivate"),
    ("DELETE", "/image/v2/stores/fast/{image}"),
    ("DELETE", "/image/v2/stores/slow/{image}"),
)
STATUSES = {"queued", "saving", "uploading", "importing", "active", "deactivated"}


class ImagesAtRandom(RuleBasedStateMachine):
    """Users of two projects do with images what comes to their minds."""

    images = Bundle("images")

    def __init__(self, open_cloud: Callable[..., Any]) -> None:
        super().__init__()
        self.open_cloud = open_cloud

    @initialize()
    def begin(self) -> None:
        self.api = self.open_cloud(
            who=["demo", "alt_demo", "admin"], clock="manual", durations="typical"
        )

    def expect(self, answer: Any, *statuses: int) -> Any:
        assert answer.status in statuses, (answer.status, answer.text)
        return answer

    @rule(
        target=images,
        owner=st.sampled_from(OWNERS),
        visibility=st.sampled_from(VISIBILITIES),
        data=DATA,
        verb=VERB,
    )
    def make(self, owner: str, visibility: str, data: bytes, verb: str) -> Any:
        body = {"disk_format": "raw", "container_format": "bare", "visibility": visibility}
        image_id = self.expect(self.api.post(IMAGES, body, who=owner), 201).json["id"]
        if data:
            path = f"{IMAGES}/{image_id}/{verb}"
            self.expect(self.api.put(path, data=data, headers=OCTETS, who=owner), 204)
        return image_id, owner

    @rule(image=images, who=WHO, data=DATA, verb=VERB)
    def fill(self, image: Any, who: str, data: bytes, verb: str) -> None:
        path = f"{IMAGES}/{image[0]}/{verb}"
        answer = self.api.put(path, data=data, headers=OCTETS, who=self.user(who, image))
        self.expect(answer, 204, 403, 404, 409)

    @rule(image=images, body=st.sampled_from(IMPORTS), then=SECONDS)
    def bring_in(self, image: Any, body: dict[str, Any], then: float) -> None:
        who = "admin" if body["method"]["name"] == "copy-image" else image[1]
        answer = self.api.post(f"{IMAGES}/{image[0]}/import", body, who=who)
        self.expect(answer, 202, 400, 404, 409)
        self.api.cloud.advance(then)

    @rule(image=images, who=WHO, visibility=st.sampled_from(VISIBILITIES))
    def show_to(self, image: Any, who: str, visibility: str) -> None:
        change = [{"op": "replace", "path": "/visibility", "value": visibility}]
        path = f"{IMAGES}/{image[0]}"
        answer = self.api.patch(path, change, headers=PATCH, who=self.user(who, image))
        self.expect(answer, 200, 403, 404)

    @rule(image=images, path=st.sampled_from(ADMIN_CHANGES))
    def administer(self, image: Any, path: tuple[str, str]) -> None:
        method, place = path
        answer = self.api(method, place.format(image=image[0]), who="admin")
        self.expect(answer, 204, 403, 404, 409)

    @rule(image=images, who=WHO, then=SECONDS)
    def delete(self, image: Any, who: str, then: float) -> None:
        answer = self.api.delete(f"{IMAGES}/{image[0]}", who=self.user(who, image))
        self.expect(answer, 204, 403, 404)
        self.api.cloud.advance(then)

    def user(self, who: str, image: Any) -> str:
        """The owner of an image, or the one who is not."""
        owner: str = image[1]
        return owner if who == "owner" else OWNERS[1 - OWNERS.index(owner)]

    def live(self, who: str = "admin") -> list[dict[str, Any]]:
        answer = self.api.get(f"{IMAGES}?visibility=all&limit=1000", who=who)
        return list(self.expect(answer, 200).json["images"])

    def project_of(self, who: str) -> str:
        cloud = self.api.cloud
        return str(cloud.credentials(cloud.context(), self.api.token(who)).project_id)

    @invariant()
    @precondition(lambda self: hasattr(self, "api"))
    def an_image_has_data_when_it_says_so(self) -> None:
        for image in self.live():
            assert image["status"] in STATUSES
            has_data = image["status"] in ("active", "deactivated")
            assert bool(image["locations"]) == has_data
            assert (image["checksum"] is not None) == has_data
            if has_data:
                answer = self.api.get(f"{IMAGES}/{image['id']}/file", who="admin")
                data = self.expect(answer, 200).content
                assert len(data) == image["size"]
                assert hashlib.sha512(data).hexdigest() == image["os_hash_value"]

    @invariant()
    @precondition(lambda self: hasattr(self, "api"))
    def what_is_kept_is_what_images_have(self) -> None:
        self.api.cloud.advance(0)
        kept = self.api.cloud.database.all("SELECT key, data IS NULL AS large FROM image_contents")
        used = self.api.cloud.database.all(
            "SELECT content AS key FROM image_images WHERE content IS NOT NULL"
            " UNION SELECT staged FROM image_images WHERE staged IS NOT NULL"
        )
        assert {row["key"] for row in kept} == {row["key"] for row in used}
        files = {file.name for file in self.api.cloud.data_folder().iterdir()}
        assert files == {row["key"] for row in kept if row["large"]}

    @invariant()
    @precondition(lambda self: hasattr(self, "api"))
    def nobody_sees_what_is_not_for_him(self) -> None:
        everything = self.live()
        for who in OWNERS:
            own = self.project_of(who)
            seen = {image["id"] for image in self.live(who)}
            assert seen == {
                image["id"]
                for image in everything
                if image["owner"] == own or image["visibility"] in ("public", "community")
            }

    @invariant()
    @precondition(lambda self: hasattr(self, "api"))
    def usage_is_what_lives(self) -> None:
        for who in OWNERS:
            usage = self.api.get("/image/v2/info/usage", who=who).json["usage"]
            own = self.project_of(who)
            live = [each for each in self.live(who) if each["owner"] == own]
            size = sum((each["size"] or 0) * len(each["locations"]) for each in live)
            assert usage["image_count_total"]["usage"] == len(live)
            assert usage["image_size_total"]["usage"] == size >> 20


def test_whatever_is_done_with_images_the_data_is_right(open_cloud: Callable[..., Any]) -> None:
    run_state_machine_as_test(
        lambda: ImagesAtRandom(open_cloud),
        settings=settings(
            max_examples=15,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
