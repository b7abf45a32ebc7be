"""Milestones: the dates that agencies set themselves, and what becomes of them."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from app.projections import documents
from app.writing.audit_verification import faults
from tests.support import PLAN
from tests.support.practice import LEAD, NOW, TASK, Service, practising

PATH = f"/v1/tasks/{TASK}/milestones"


@pytest.fixture
def service(loaded_url: str) -> Iterator[Service]:
    with practising(loaded_url) as alive:
        yield alive


def set_one(service: Service, **changes: Any) -> Any:
    return service.post(PATH, {"title": "试验：完成方案", "due_on": "2022-09-30", **changes})


def change(service: Service, id_: str, **said: Any) -> Any:
    path = f"/v1/milestones/{id_}"
    tag = service.client.get(path).headers["etag"]
    return service.patch(path, said, If_Match=tag)


def test_a_milestone_is_set_and_read(service: Service) -> None:
    made = set_one(service)
    assert made.status_code == 201
    milestone = made.json()
    assert (milestone["id"], milestone["status"], milestone["agency"]["id"]) == (
        f"{TASK}-m1", "planned", LEAD,
    )  # fmt: skip
    assert service.json(f"/v1/milestones/{TASK}-m1") == milestone
    assert service.json(PATH)["data"] == [milestone]
    assert set_one(service, due_on="2099-12-31").json()["id"] == f"{TASK}-m2"  # a plan may be far
    some = service.json("/v1/milestones?due_to=2022-12-31&status=planned&agency=省政数局")
    assert some["data"] == [milestone]


def test_it_is_moved_done_and_all_that_was_said_stays(service: Service) -> None:
    id_ = set_one(service).json()["id"]
    moved = change(service, id_, kind="moved", day="2022-10-31", reason="试验：等待立项")
    assert moved.status_code == 200
    assert moved.json()["due_on"] == "2022-10-31"
    assert moved.json()["first_due_on"] == "2022-09-30"
    assert "location" not in moved.headers
    done = change(service, id_, kind="done", day="2022-10-20").json()
    assert (done["status"], done["done_on"]) == ("done", "2022-10-20")
    assert [(one["kind"], one["day"]) for one in done["changes"]] == [
        ("moved", "2022-10-31"), ("done", "2022-10-20"),
    ]  # fmt: skip
    again = change(service, id_, kind="dropped", reason="试验")
    assert again.status_code == 409
    assert (
        change(service, set_one(service).json()["id"], kind="done").json()["done_on"]
        == "2026-03-02"
    )


def test_a_change_names_what_it_changes(service: Service) -> None:
    id_ = set_one(service).json()["id"]
    path = f"/v1/milestones/{id_}"
    said = {"kind": "moved", "day": "2022-10-31", "reason": "试验"}
    assert service.patch(path, said).status_code == 428
    read = service.client.get(path, headers={"Accept-Encoding": "identity"}).headers["etag"]
    assert service.patch(path, said, If_Match=f"W/{read}").status_code == 412
    assert service.patch(path, said, If_Match='"other"').status_code == 412
    first = service.patch(path, said, If_Match=f'"x", {read}')
    assert first.status_code == 200
    assert service.patch(path, said, If_Match=read).status_code == 412
    assert service.patch(path, {"kind": "done"}, If_Match=first.headers["etag"]).status_code == 200


def test_tags_may_come_in_several_lines(service: Service) -> None:
    id_ = set_one(service).json()["id"]
    path = f"/v1/milestones/{id_}"
    read = service.client.get(path, headers={"Accept-Encoding": "identity"}).headers["etag"]
    key = f"Bearer {service.key()}"
    lines = [("Authorization", key), ("If-Match", '"other"'), ("If-Match", read)]
    assert service.client.patch(path, json={"kind": "done"}, headers=lines).status_code == 200


def test_the_tag_of_any_representation_will_do(service: Service) -> None:
    id_ = set_one(service, title="省" * 200).json()["id"]
    path = f"/v1/milestones/{id_}"
    tag = service.client.get(f"{path}?lang=zh-Hant").headers["etag"]
    assert tag.endswith('-hant-gzip"')
    done = service.patch(path, {"kind": "done"}, If_Match=tag, Accept_Language="zh-Hant")
    assert done.status_code == 200
    assert (done.headers["content-language"], done.json()["status_label"]) == ("zh-Hans", "已完成")


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ({"kind": "moved", "reason": "试验"}, "day"),
        ({"kind": "moved", "day": "2022-10-31"}, "reason"),
        ({"kind": "dropped"}, "reason"),
        ({"kind": "dropped", "reason": "试验", "day": "2022-10-31"}, "day"),
        ({"kind": "done", "day": "2026-03-03"}, "day"),
        ({"kind": "planned"}, "kind"),
        ({}, "kind"),
        ({"kind": "done", "title": "x"}, "title"),
    ],
)
def test_what_does_not_fit_is_refused(service: Service, said: dict[str, Any], name: str) -> None:
    id_ = set_one(service).json()["id"]
    refused = change(service, id_, **said)
    assert refused.status_code == 422
    assert [error["name"] for error in refused.json()["errors"]] == [name]
    assert service.json(f"/v1/milestones/{id_}")["changes"] == []


def test_only_who_set_it_changes_it(service: Service) -> None:
    id_ = set_one(service).json()["id"]
    foreign = service.patch(f"/v1/milestones/{id_}", {"kind": "done"}, "gd-energy", If_Match="*")
    assert foreign.status_code == 403
    assert (
        service.post(PATH, {"title": "x", "due_on": "2022-09-30"}, agency="gd-energy").status_code
        == 403
    )
    assert service.patch("/v1/milestones/x", {"kind": "done"}, If_Match="*").status_code == 404


def test_it_is_in_the_feed_the_log_and_every_rebuild(service: Service) -> None:
    last = service.json("/v1/changes?limit=1")["page"]["total"]
    id_ = set_one(service).json()["id"]
    change(service, id_, kind="moved", day="2022-10-31", reason="试验")
    told = service.json(f"/v1/changes?after={last}")["data"]
    assert [(c["op"], c["resource"], c["version"]) for c in told] == [
        ("created", "milestone", 1), ("updated", "milestone", 2),
    ]  # fmt: skip
    with service.session() as session:
        assert list(faults(session, {})) == []
        before = list(documents.stored_documents(session))
        documents.refresh(session, PLAN, NOW + timedelta(days=1))
        assert list(documents.stored_documents(session)) == before
