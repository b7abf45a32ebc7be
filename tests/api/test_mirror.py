"""A mirror that starts from a download and follows the feed has what the origin has, byte for byte."""

import json
import random
from collections.abc import Iterator

import pytest

from app.db.engine import open_engine
from app.projections.change_feed import mint_epoch
from seed.load import load
from seed.notice_files import ReadNotice
from seed.registry import Registry
from tests.support import PLAN
from tests.support.databases import Databases
from tests.support.notices import corrected
from tests.support.practice import NOW, Service, practising
from tests.support.random_writes import WRITES, random_write

PLACES = {
    "plan": "plans", "section": "sections", "task": "tasks", "agency": "agencies",
    "target": "targets", "platform": "platforms", "report": "reports",
    "measurement": "measurements", "milestone": "milestones",
    "jurisdiction": "jurisdictions", "assessment": "assessments", "bulletin": "bulletins",
}  # fmt: skip


@pytest.fixture
def service(loaded_url: str) -> Iterator[Service]:
    with practising(loaded_url) as alive:
        yield alive


class Mirror:
    """What somebody else has: documents as bytes."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.begin()

    def begin(self) -> None:
        """From a download, which says for which moment of the feed it is true."""
        service = self.service
        lines = service.client.get(f"/v1/plans/{PLAN}/download?format=ndjson").text.splitlines()
        first, *rest = lines
        stand = json.loads(first)["document"]
        self.seq, self.epoch = stand["seq"], stand["epoch"]
        self.documents: dict[tuple[str, str], str] = {}
        for line in rest:
            kind, document = (
                line.removeprefix('{"resource":"').removesuffix("}").split('","document":', 1)
            )
            if kind != "text":
                self.documents[kind, json.loads(document)["id"]] = document

    def follow(self) -> None:
        """What came since; from the beginning where the feed has another history."""
        place = f"/v1/changes?after={self.seq}&epoch={self.epoch}&limit=10"
        problem = self.service.client.get(place)
        if problem.status_code == 410:
            assert problem.json()["type"] == "/problems/history-changed"
            self.begin()
            assert self.epoch == problem.json()["epoch"]
            return
        for change in self.service.rows(place):
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


def of_the_plan(documents: dict[tuple[str, str], str]) -> dict[tuple[str, str], str]:
    """Without platforms that no plan mentions any more, which a download of a plan leaves out."""
    return {key: text for key, text in documents.items() if '"mentions":0' not in text}


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
    assert late.documents == of_the_plan(mirror.documents)
    assert late.seq == mirror.seq


@pytest.mark.parametrize("writes", [0, 12])
def test_a_mirror_survives_a_restore_to_an_earlier_state(
    service: Service, databases: Databases, writes: int
) -> None:
    """Whether the head is behind the mirror then, beside it, or has passed it again."""
    chance = random.Random(11)  # noqa: S311 - the same each time
    for day in range(1, 6):
        service.report(as_of=f"2022-01-0{day}")
    mirror = Mirror(service)
    for day in range(1, 4):
        service.report(as_of=f"2022-02-0{day}")
    mirror.follow()
    databases.restore(service.url)
    service.keys.clear()
    with service.session() as session:
        mint_epoch(session, service.now)
    for _ in range(writes):
        random_write(service, chance)
    mirror.follow()
    mirror.follow()
    assert mirror.documents == origin(service)
