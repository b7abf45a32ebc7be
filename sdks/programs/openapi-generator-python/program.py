"""The task of `sdks/programs/README.md`, with the client of openapi-generator."""

import sys
from datetime import date, datetime, timedelta, timezone

from workplan_client import (
    AgenciesApi,
    ApiClient,
    Configuration,
    Problem,
    ReportedStatus,
    ReportsApi,
    ReportSubmission,
    Script,
    TargetsApi,
    TasksApi,
)
from workplan_client.exceptions import ApiException, UnprocessableEntityException


def main(base: str, key: str, day: str) -> None:
    """Print the facts."""
    api = ApiClient(Configuration(host=base))
    agencies, tasks, targets = AgenciesApi(api), TasksApi(api), TargetsApi(api)

    agency = agencies.list_agencies(name=["省政数局"]).data[0]
    print("agency", agency.id, agency.name)

    cursor: str | None = None
    count = pages = 0
    while True:
        page = tasks.list_tasks(agency=[agency.id], limit=10, cursor=cursor)
        for task in page.data:
            print("task", task.id, task.title)
        count, pages, cursor = count + len(page.data), pages + 1, page.page.next
        if cursor is None:
            break
    print("tasks", count, "pages", pages)

    def changed(since: datetime) -> str:
        chosen = tasks.list_tasks(
            section=["gd-dg-2022-s4", "gd-dg-2022-s5"], has_targets=True, changed_since=since
        )
        return " ".join([str(chosen.page.total), *(task.id for task in chosen.data)])

    since = agency.changed_at.astimezone(timezone(timedelta(hours=8)))
    print("changed", changed(since))
    print("later", changed(since + timedelta(days=1)))

    answer = targets.get_target_with_http_info("gd-dg-2022-t17.2-k1")
    target = answer.data
    assert target.comparator is not None
    assert target.value is not None
    assert target.value_upper is not None
    assert target.unit is not None
    figure = f"{target.value:g} {target.value_upper:g} {target.unit}"
    assert target.due_on is not None
    print("target", target.id, target.comparator.value, figure, target.due_on.isoformat())

    etag = (answer.headers or {})["etag"]
    try:
        targets.get_target(target.id, _headers={"If-None-Match": etag})
    except ApiException as unchanged:
        # The client does not say of what type a status is.
        print("again", unchanged.status)  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]

    try:
        tasks.list_tasks(agency=["公安局"])
    except UnprocessableEntityException as refused:
        problem = refused.data
        assert isinstance(problem, Problem)
        field = problem.errors[0]
        print("problem", problem.status, field.var_in, field.name, *(field.allowed or []))

    print("traditional", agencies.get_agency(agency.id, lang=Script.SCRIPT_HANT).name)

    reports = ReportsApi(ApiClient(Configuration(host=base, access_token=key)))
    new = ReportSubmission(
        as_of=date.fromisoformat(day),
        status=ReportedStatus.REPORTED_STATUS_ON_TRACK,
        summary="演示",
    )
    first, again = (
        reports.create_report("gd-dg-2022-t17.2", f"python-{day}", new) for _ in range(2)
    )
    print("report", first.status.value, first.role.value, "once" if first == again else "twice")


if __name__ == "__main__":
    main(*sys.argv[1:])
