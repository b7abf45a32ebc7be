"""The task of `sdks/programs/README.md`, with models of datamodel-code-generator and httpx."""

import sys
from datetime import date, datetime, timedelta, timezone
from typing import Any

import httpx
from pydantic import BaseModel
from workplan_client import (
    Agency,
    AgencyPage,
    Problem,
    Report,
    ReportedStatus,
    ReportSubmission,
    Script,
    Target,
    TaskPage,
    V1AgenciesAgencyIdGetParametersQuery,
    V1AgenciesGetParametersQuery,
    V1TasksGetParametersQuery,
)


def written(model: BaseModel) -> dict[str, Any]:
    """As it goes to the server."""
    return model.model_dump(mode="json", exclude_unset=True)


def main(base: str, key: str, day: str) -> None:
    """Print the facts."""
    client = httpx.Client(base_url=base)

    def tasks(**wanted: Any) -> TaskPage:
        query = V1TasksGetParametersQuery.model_validate(wanted)
        return TaskPage.model_validate_json(client.get("/v1/tasks", params=written(query)).content)

    name = V1AgenciesGetParametersQuery.model_validate({"name": ["省政数局"]})
    found = client.get("/v1/agencies", params=written(name))
    agency = AgencyPage.model_validate_json(found.content).data[0]
    print("agency", agency.id, agency.name)

    page = tasks(agency=[agency.id], limit=10)
    count = pages = 0
    while True:
        for task in page.data:
            print("task", task.id, task.title)
        count, pages = count + len(page.data), pages + 1
        if page.page.next is None:
            break
        page = tasks(agency=[agency.id], limit=10, cursor=page.page.next)
    print("tasks", count, "pages", pages)

    def changed(since: datetime) -> str:
        chosen = tasks(
            section=["gd-dg-2022-s4", "gd-dg-2022-s5"], has_targets=True, changed_since=since
        )
        return " ".join([str(chosen.page.total), *(task.id for task in chosen.data)])

    since = agency.changed_at.astimezone(timezone(timedelta(hours=8)))
    print("changed", changed(since))
    print("later", changed(since + timedelta(days=1)))

    answer = client.get("/v1/targets/gd-dg-2022-t17.2-k1")
    target = Target.model_validate_json(answer.content)
    assert target.comparator is not None
    figure = f"{target.value:g} {target.value_upper:g} {target.unit}"
    assert target.due_on is not None
    print("target", target.id, target.comparator.value, figure, target.due_on.isoformat())

    again = client.get(
        f"/v1/targets/{target.id}", headers={"If-None-Match": answer.headers["etag"]}
    )
    print("again", again.status_code)

    refused = client.get("/v1/tasks", params={"agency": "公安局"})
    problem = Problem.model_validate_json(refused.content)
    field = problem.errors[0]
    print("problem", problem.status, field.in_, field.name, *(field.allowed or []))

    script = V1AgenciesAgencyIdGetParametersQuery(lang=Script.SCRIPT_HANT)
    answer = client.get(f"/v1/agencies/{agency.id}", params=written(script))
    print("traditional", Agency.model_validate_json(answer.content).name)

    new = ReportSubmission(
        as_of=date.fromisoformat(day),
        status=ReportedStatus.REPORTED_STATUS_ON_TRACK,
        summary="演示",
    )
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": f"models-{day}"}
    first, second = (
        Report.model_validate_json(
            client.post(
                "/v1/tasks/gd-dg-2022-t17.2/reports", json=written(new), headers=headers
            ).content
        )
        for _ in range(2)
    )
    print("report", first.status.value, first.role.value, "once" if first == second else "twice")


if __name__ == "__main__":
    main(*sys.argv[1:])
