"""`/agencies` and `/agencies/{id}`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from app.http.problems import InvalidParametersError
from app.kinds.document import Document
from app.pages.reading import Api, Rows
from app.pages.rendering import View
from app.pages.timeline import Happening, happenings
from app.resources.agencies.routes import get_agency, list_agencies
from app.resources.assessments.routes import list_assessments
from app.resources.reports.routes import list_reports
from app.resources.targets.routes import list_targets
from app.resources.tasks.routes import list_tasks

ROLES = ("lead", "responsible", "support", "guide")


@dataclass(frozen=True, kw_only=True)
class AgenciesView(View):
    """Agencies, with the number of their tasks."""

    template: ClassVar = "agencies.html"
    agencies: Rows | None  # None: no agency has the name
    params: dict[str, Any]
    suggestions: Sequence[str] = ()


async def agencies(api: Api) -> View:
    """`/agencies`."""
    params = api.given("name", "kind", "plan", "role")
    try:
        found = await api.rows(list_agencies, {**params, "limit": 200, **api.given("cursor")})
    except InvalidParametersError as error:
        unknown = next((one for one in error.errors if one.name == "name"), None)
        if unknown is None:
            raise
        return AgenciesView(agencies=None, params=params, suggestions=unknown.allowed or ())
    return AgenciesView(agencies=found, params=params, json=found.href, csv=found.csv)


@dataclass(frozen=True)
class Duty:
    """The tasks that an agency has in one role."""

    role: str
    role_label: str
    tasks: Sequence[Document]


@dataclass(frozen=True, kw_only=True)
class AgencyView(View):
    """What an agency must do."""

    template: ClassVar = "agency.html"
    agency: Document
    tasks: Rows
    duties: Sequence[Duty]
    targets: Sequence[Document]
    happenings: Sequence[Happening]


async def agency(api: Api, agency_id: str) -> View:
    """`/agencies/{id}`."""
    found = await api.one(get_agency, agency_id=agency_id)
    of_agency = {"agency": agency_id, "limit": 200}
    tasks = await api.rows(list_tasks, {**of_agency, **api.given("cursor")})
    targets = await api.rows(list_targets, {**of_agency, "sort": "due_on"})
    return AgencyView(
        agency=found,
        tasks=tasks,
        duties=_duties(agency_id, tasks.rows),
        targets=targets.rows,
        happenings=happenings(
            reports=(await api.rows(list_reports, {**of_agency, "sort": "-as_of"})).rows,
            assessments=(await api.rows(list_assessments, of_agency)).rows,
        ),
        json=f"/v1/agencies/{agency_id}",
        subject=f"agencies/{agency_id}",
        csv=f"/v1/tasks?agency={agency_id}&format=csv",
        calendar=f"/v1/deadlines.ics?agency={agency_id}",
        feed=f"/v1/changes.atom?agency={agency_id}",
        ld={
            "@type": "GovernmentOrganization",
            "name": found["official_name"],
            "alternateName": [found["name"], *found["aliases"]],
        },
    )


def _duties(agency_id: str, tasks: Sequence[Document]) -> list[Duty]:
    """Tasks by the role that the agency has in them, leads first."""
    duties = []
    for role in ROLES:
        of_role = [
            (one, task)
            for task in tasks
            for one in task["assignments"]
            if one["role"] == role and one["agency"]["id"] == agency_id
        ]
        if of_role:
            unique = {task["id"]: task for _, task in of_role}
            duties.append(Duty(role, of_role[0][0]["role_label"], list(unique.values())))
    return duties
