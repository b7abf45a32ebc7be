"""The task of `sdks/programs/README.md`, with the client of openapi-python-client."""

import sys
from datetime import date, datetime, timedelta, timezone

from workplan_client import AuthenticatedClient, Client
from workplan_client.api.agencies import get_agency, list_agencies
from workplan_client.api.reports import create_report
from workplan_client.api.targets import get_target
from workplan_client.api.tasks import list_tasks
from workplan_client.models import (
    Agency,
    AgencyPage,
    Problem,
    Report,
    ReportedStatus,
    ReportSubmission,
    Script,
    Target,
    TaskPage,
)
from workplan_client.types import UNSET, Unset


def main(base: str, key: str, day: str) -> None:
    """Print the facts."""
    client = Client(base_url=base)

    found = list_agencies.sync(client=client, name=["省政数局"])
    assert isinstance(found, AgencyPage)
    agency = found.data[0]
    print("agency", agency.id, agency.name)

    cursor: str | Unset = UNSET
    count = pages = 0
    while True:
        page = list_tasks.sync(client=client, agency=[agency.id], limit=10, cursor=cursor)
        assert isinstance(page, TaskPage)
        for task in page.data:
            print("task", task.id, task.title)
        count, pages = count + len(page.data), pages + 1
        if page.page.next_ is None:
            break
        cursor = page.page.next_
    print("tasks", count, "pages", pages)

    def changed(since: datetime) -> str:
        chosen = list_tasks.sync(
            client=client,
            section=["gd-dg-2022-s4", "gd-dg-2022-s5"],
            has_targets=True,
            changed_since=since,
        )
        assert isinstance(chosen, TaskPage)
        return " ".join([str(chosen.page.total), *(task.id for task in chosen.data)])

    since = agency.changed_at.astimezone(timezone(timedelta(hours=8)))
    print("changed", changed(since))
    print("later", changed(since + timedelta(days=1)))

    answer = get_target.sync_detailed("gd-dg-2022-t17.2-k1", client=client)
    target = answer.parsed
    assert isinstance(target, Target)
    assert target.comparator is not None
    assert target.value is not None
    assert target.value_upper is not None
    assert target.unit is not None
    figure = f"{target.value:g} {target.value_upper:g} {target.unit}"
    assert target.due_on is not None
    print("target", target.id, target.comparator.value, figure, target.due_on.isoformat())

    conditional = client.with_headers({"If-None-Match": answer.headers["etag"]})
    again = get_target.sync_detailed(target.id, client=conditional)
    print("again", again.status_code.value)

    refused = list_tasks.sync(client=client, agency=["公安局"])
    assert isinstance(refused, Problem)
    field = refused.errors[0]
    print("problem", refused.status, field.in_, field.name, *(field.allowed or []))

    traditional = get_agency.sync(agency.id, client=Client(base_url=base), lang=Script.SCRIPT_HANT)
    assert isinstance(traditional, Agency)
    print("traditional", traditional.name)

    holder = AuthenticatedClient(base_url=base, token=key)
    new = ReportSubmission(date.fromisoformat(day), ReportedStatus.REPORTED_STATUS_ON_TRACK, "演示")
    made: list[Report] = []
    for _ in range(2):
        written = create_report.sync(
            "gd-dg-2022-t17.2", client=holder, body=new, idempotency_key=f"python-client-{day}"
        )
        assert isinstance(written, Report)
        made.append(written)
    first, second = made
    print("report", first.status.value, first.role.value, "once" if first == second else "twice")


if __name__ == "__main__":
    main(*sys.argv[1:])
