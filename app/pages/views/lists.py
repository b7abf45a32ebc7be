"""Lists and single pages of targets, platforms, bulletins and assessments."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from app.kinds.assessment import ASSESSMENT
from app.kinds.document import Document
from app.kinds.report import REPORT
from app.pages.reading import MOST_ROWS, Api, Endpoint, Params, Rows
from app.pages.rendering import View
from app.resources.assessments.routes import get_assessment, list_assessments
from app.resources.bulletins.routes import get_bulletin, list_bulletins
from app.resources.plans.routes import get_plan
from app.resources.platforms.routes import get_platform, list_platforms
from app.resources.reports.routes import list_reports
from app.resources.targets.routes import list_targets


@dataclass(frozen=True, kw_only=True)
class ListView(View):
    """One page of a list."""

    found: Rows
    params: Params


async def _page(
    api: Api,
    view: type[ListView],
    operation: Endpoint,
    params: Params,
    *,
    limit: int,
    feed: str | None = None,
) -> View:
    """The page of a list that the request is for, with the paths of its data."""
    found = await api.rows(operation, {**params, "limit": limit, **api.given("cursor")})
    return view(found=found, params=params, json=found.href, csv=found.csv, feed=feed)


@dataclass(frozen=True, kw_only=True)
class TargetsView(ListView):
    """Targets against their latest figures."""

    template: ClassVar = "targets.html"
    given: Params  # of the request, for the same targets as an image
    others: Params  # that the form does not have


IN_FORM = ("attainment", "sort")
TARGET_FILTERS = (
    "jurisdiction", "within", "year", "series", "plan", "task", "agency", "kind", "due_from", "due_to", "q",
    *IN_FORM,
)  # fmt: skip


async def targets_of(api: Api) -> Rows:
    """The targets that a page or an image of them shows."""
    params = api.given(*TARGET_FILTERS, "cursor")
    return await api.rows(list_targets, {**params, "limit": 200})


async def targets(api: Api) -> View:
    """`/targets`."""
    found = await targets_of(api)
    return TargetsView(
        found=found,
        params=api.given(*TARGET_FILTERS),
        given=api.given(*TARGET_FILTERS, "cursor"),
        others=api.given(*(name for name in TARGET_FILTERS if name not in IN_FORM)),
        json=found.href,
        csv=found.csv,
        calendar="/v1/deadlines.ics",
    )


class PlatformsView(ListView):
    """Systems, brands and initiatives that notices mention."""

    template: ClassVar = "platforms.html"


async def platforms(api: Api) -> View:
    """`/platforms`."""
    return await _page(
        api, PlatformsView, list_platforms, api.given("plan", "kind", "q"), limit=200
    )


@dataclass(frozen=True, kw_only=True)
class PlatformView(View):
    """A platform, and the tasks that mention it."""

    template: ClassVar = "platform.html"
    platform: Document


async def platform(api: Api, platform_id: str) -> View:
    """`/platforms/{id}`."""
    found = await api.one(get_platform, platform_id=platform_id)
    return PlatformView(
        platform=found, json=f"/v1/platforms/{platform_id}", subject=f"platforms/{platform_id}"
    )


class BulletinsView(ListView):
    """Official bulletins."""

    template: ClassVar = "bulletins.html"


async def bulletins(api: Api) -> View:
    """`/bulletins`."""
    params = {"sort": "-published_on", **api.given("plan")}
    feed = "/v1/changes.atom?resource=bulletin"
    return await _page(api, BulletinsView, list_bulletins, params, limit=100, feed=feed)


@dataclass(frozen=True, kw_only=True)
class BulletinView(View):
    """A bulletin."""

    template: ClassVar = "bulletin.html"
    bulletin: Document
    plan: Document
    facts: Mapping[str, Document]  # those that it refers to, by id


async def bulletin(api: Api, bulletin_id: str) -> View:
    """`/bulletins/{id}`."""
    found = await api.one(get_bulletin, bulletin_id=bulletin_id)
    facts: dict[str, Document] = {}
    for kind, operation in ((ASSESSMENT, list_assessments), (REPORT, list_reports)):
        ids = [one["id"] for one in found["refers_to"] if one["resource"] == kind.name]
        if ids:
            rows = (await api.rows(operation, {"id": ids, "limit": MOST_ROWS})).rows
            facts |= {one["id"]: one for one in rows}
    return BulletinView(
        bulletin=found,
        plan=await api.one(get_plan, plan_id=found["plan"]),
        facts=facts,
        json=f"/v1/bulletins/{bulletin_id}",
        subject=f"bulletins/{bulletin_id}",
    )


class AssessmentsView(ListView):
    """Third-party assessments."""

    template: ClassVar = "assessments.html"


async def assessments(api: Api) -> View:
    """`/assessments`."""
    params = {"sort": "-recorded_at", **api.given("plan", "agency")}
    feed = "/v1/changes.atom?resource=assessment"
    return await _page(api, AssessmentsView, list_assessments, params, limit=100, feed=feed)


@dataclass(frozen=True, kw_only=True)
class AssessmentView(View):
    """An assessment."""

    template: ClassVar = "assessment.html"
    assessment: Document
    plan: Document


async def assessment(api: Api, assessment_id: str) -> View:
    """`/assessments/{id}`."""
    found = await api.one(get_assessment, assessment_id=assessment_id)
    return AssessmentView(
        assessment=found,
        plan=await api.one(get_plan, plan_id=found["plan"]),
        json=f"/v1/assessments/{assessment_id}",
        subject=f"assessments/{assessment_id}",
    )
