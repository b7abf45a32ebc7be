"""A mirror that starts from a download and follows the feed has what the origin has, byte for byte."""

import json
import os
import random
from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from app.database import open_engine
from seed.load import load
from seed.notice_files import ReadNotice
from seed.registry import Registry
from tests.conftest import PLAN
from tests.practice import LEAD, NOW, Service, practising
from tests.seed.test_loading import corrected

PLACES = {
    "plan": "plans", "section": "sections", "task": "tasks", "agency": "agencies",
    "target": "targets", "platform": "platforms", "report": "reports",
    "measurement": "measurements", "milestone": "milestones",
    "assessment": "assessments", "bulletin": "bulletins",
}  # fmt: skip
TASKS = [f"gd-dg-2022-t{code}" for code in ("17.1", "17.2", "17.3", "17.4")]  # all of one agency
TARGETS = {"gd-dg-2022-t17.2-k1": "个", "gd-dg-2022-t17.2-k3": None, "gd-dg-2022-t17.4-k2": "项"}
WRITES = int(os.environ.get("MIRROR_WRITES", "60"))
DAYS = max(300, WRITES)  # that something is said of, once each


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


def random_write(service: Service, chance: random.Random) -> int:
    """Somebody does something, which may be refused."""
    day = (date(2022, 10, 27) - timedelta(days=chance.randrange(DAYS))).isoformat()
    text = chance.choice(["试验", 'a"b\\\n', "𠮷👩‍👩‍👧", "=1+1"])
    own = service.json("/v1/reports?limit=1000")["data"]
    match chance.randrange(8):
        case 0 | 1:
            body = {
                "as_of": day, "status": chance.choice(["on_track", "delayed", "completed"]),
                "summary": text, "reason": text,
            }  # fmt: skip
            if own and chance.random() < 0.4:
                body["replaces"] = chance.choice(own)["id"]
            return service.post(f"/v1/tasks/{chance.choice(TASKS)}/reports", body).status_code
        case 2 | 3:
            target, unit = chance.choice(list(TARGETS.items()))
            said = {"as_of": day, "value": chance.randrange(300) / 4, "unit": unit, "method": text}
            return service.post(f"/v1/targets/{target}/measurements", said).status_code
        case 4:
            planned = {"title": text, "due_on": day}
            return service.post(f"/v1/tasks/{chance.choice(TASKS)}/milestones", planned).status_code
        case 5:
            return service.assess(findings=text).status_code
        case 6:
            referred = [{"resource": "report", "id": one["id"]} for one in own]
            return service.publish(body=text, refers_to=referred).status_code
    if own and chance.random() < 0.5:
        path = f"/v1/reports/{chance.choice(own)['id']}/withdrawal"
        return service.post(path, {"reason": text}, "coordinator").status_code
    milestones = service.json("/v1/milestones?limit=1000")["data"]
    if not milestones:
        return 0
    path = f"/v1/milestones/{chance.choice(milestones)['id']}"
    said = {"kind": "moved", "day": day, "reason": text}
    return service.patch(path, said, LEAD, If_Match="*").status_code


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
