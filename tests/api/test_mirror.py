"""A mirror that starts from a download and follows the feed has what the origin has, byte for byte."""

import json
import random
from collections.abc import Iterator

import pytest

from app.database import open_engine
from seed.load import load
from seed.notice_files import ReadNotice
from seed.registry import Registry
from tests.practice import NOW, Service, practising
from tests.support import PLAN
from tests.support.notices import corrected
from tests.support.random_writes import WRITES, random_write

PLACES = {
    "plan": "plans", "section": "sections", "task": "tasks", "agency": "agencies",
    "target": "targets", "platform": "platforms", "report": "reports",
    "measurement": "measurements", "milestone": "milestones",
    "assessment": "assessments", "bulletin": "bulletins",
}  # fmt: skip


@pytest.fixture
def service(loaded_url: str) -> Iterator[Service]:
    with practising(loaded_url) as alive:
        yield alive


class Mirror:
    """What somebody else has: documents as bytes."""

    def __init__(self, service: Service) -> None:
        self.service = service
        lines = service.client.get(f"/v1/plans/{PLAN}/download?format=ndjson").text.splitlines()
        first, *rest = lines
        self.seq = json.loads(first)["document"]["seq"]
        self.documents: dict[tuple[str, str], str] = {}
        for line in rest:
            kind, document = (
                line.removeprefix('{"resource":"').removesuffix("}").split('","document":', 1)
            )
            if kind != "text":
                self.documents[kind, json.loads(document)["id"]] = document

    def follow(self) -> None:
        for change in self.service.rows(f"/v1/changes?after={self.seq}&limit=10"):
            assert change["seq"] == self.seq + 1
            self.seq = change["seq"]
            key = change["resource"], change["id"]
            if change["op"] == "withdrawn":
                self.documents.pop(key, None)
                continue
            answer = self.service.client.get(f"/v1/{PLACES[key[0]]}/{key[1]}")
            if answer.status_code == 200:  # else a later change tells of its end
                self.documents[key] = answer.text


def origin(service: Service) -> dict[tuple[str, str], str]:
    """All that there is."""
    found = {}
    for kind, place in PLACES.items():
        for line in service.client.get(f"/v1/{place}?format=ndjson").text.splitlines():
            found[kind, json.loads(line)["id"]] = line
    return found


def test_a_mirror_equals_the_origin_after_random_writes(
    service: Service, registry: Registry, notice: ReadNotice
) -> None:
    chance = random.Random(7)  # noqa: S311 - the same each time
    for _ in range(10):
        random_write(service, chance)
    mirror = Mirror(service)
    statuses = []
    for number in range(WRITES):
        if number == WRITES // 2:
            engine = open_engine(service.url)
            load(engine, registry, [corrected(notice, title="另一标题")], NOW)
            engine.dispose()
        statuses.append(random_write(service, chance))
        if chance.random() < 0.3:
            mirror.follow()
    mirror.follow()
    assert mirror.documents == origin(service)
    assert statuses.count(201) > WRITES / 4
    assert max(statuses) < 500
    late = Mirror(service)  # who comes now has the same
    assert late.documents == mirror.documents
    assert late.seq == mirror.seq
