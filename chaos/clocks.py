"""The clock of the machine steps to and fro between writes."""

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from app.writing.audit_verification import faults
from app.writing.group import Group
from chaos.checks import Check, World
from chaos.writers import FIRST_DAY
from tests.support.practice import Service, practising

LARGEST_STEP = 90 * 86_400  # seconds
WRITES = 60


def run(world: World) -> str:
    """What is published later is never dated earlier, and mirrors miss nothing."""
    writes = world.rounds(WRITES, 2_000)
    broken = patch.object(Group, "moment", lambda group: group.clock())
    with (
        world.databases.loaded() as url,
        practising(url) as service,
        broken if world.sabotage else nullcontext(),
    ):
        return stepping(service, world, writes)


def stepping(service: Service, world: World, writes: int) -> str:
    service.key()
    start, back = datetime(2026, 9, 1, tzinfo=UTC), 0
    seen: list[datetime] = []
    after = max(row["seq"] for row in service.rows("/v1/changes?limit=1000&after=0"))
    for number in range(writes):
        earlier = service.now
        service.now = start + timedelta(seconds=world.chance.randint(-LARGEST_STEP, LARGEST_STEP))
        back += service.now < earlier
        day = (FIRST_DAY - timedelta(days=number)).isoformat()
        made = service.report(as_of=day)
        assert made.status_code == 201, made.text
        new = service.json(f"/v1/changes?limit=1000&after={after}")["data"]
        assert [change["id"] for change in new if change["resource"] == "report"] == [
            made.json()["id"]
        ], "a mirror missed a report"
        after = new[-1]["seq"]
        seen.append(datetime.fromisoformat(made.json()["recorded_at"]))
    assert seen == sorted(seen), "a later report is dated earlier"
    with service.session() as session:
        assert list(faults(session, {})) == []
    return f"{writes} writes, {back} steps back by up to 180 days, all dated in order, 0 missed"


CHECK = Check(
    "clock",
    "the clock steps by up to 180 days between writes",
    run,
    "the time of a write is the clock's",
)
