"""Lists and single pages of targets, platforms, bulletins and assessments."""

from dataclasses import dataclass
from typing import Any, ClassVar

from app.kinds.document import Document
from app.pages.reading import Api, Rows
from app.pages.rendering import View
from app.resources.assessments.routes import get_assessment, list_assessments
from app.resources.bulletins.routes import get_bulletin, list_bulletins
from app.resources.platforms.routes import get_platform, list_platforms
from app.resources.targets.routes import list_targets


@dataclass(frozen=True, kw_only=True)
class ListView(View):
    """One page of a list."""

    found: Rows
    params: dict[str, Any]


class TargetsView(ListView):
    """Targets against their latest figures."""

    template: ClassVar = "targets.html"


async def targets(api: Api) -> View:
    """`/targets`."""
    params = api.given("plan", "agency", "kind", "attainment", "due_from", "due_to", "q", "sort")
    found = await api.rows(list_targets, {**params, "limit": 200, **api.given("cursor")})
    return TargetsView(
        found=found,
        params=params,
        json=found.href,
        csv=f"{found.href}&format=csv",
        calendar="/v1/deadlines.ics",
    )


class PlatformsView(ListView):
    """Systems, brands and initiatives that notices mention."""

    template: ClassVar = "platforms.html"


async def platforms(api: Api) -> View:
    """`/platforms`."""
    params = api.given("plan", "kind", "q")
    found = await api.rows(list_platforms, {**params, "limit": 200, **api.given("cursor")})
    return PlatformsView(
        found=found, params=params, json=found.href, csv=f"{found.href}&format=csv"
    )


@dataclass(frozen=True, kw_only=True)
class PlatformView(View):
    """A platform, and the tasks that mention it."""

    template: ClassVar = "platform.html"
    platform: Document


async def platform(api: Api, platform_id: str) -> View:
    """`/platforms/{id}`."""
    found = await api.one(get_platform, platform_id=platform_id)
    return PlatformView(platform=found, json=f"/v1/platforms/{platform_id}")


class BulletinsView(ListView):
    """Official bulletins."""

    template: ClassVar = "bulletins.html"


async def bulletins(api: Api) -> View:
    """`/bulletins`."""
    params = {"sort": "-published_on", **api.given("plan")}
    found = await api.rows(list_bulletins, {**params, "limit": 100, **api.given("cursor")})
    return BulletinsView(
        found=found,
        params=params,
        json=found.href,
        csv=f"{found.href}&format=csv",
        feed="/v1/changes.atom?resource=bulletin",
    )


@dataclass(frozen=True, kw_only=True)
class BulletinView(View):
    """A bulletin."""

    template: ClassVar = "bulletin.html"
    bulletin: Document


async def bulletin(api: Api, bulletin_id: str) -> View:
    """`/bulletins/{id}`."""
    found = await api.one(get_bulletin, bulletin_id=bulletin_id)
    return BulletinView(bulletin=found, json=f"/v1/bulletins/{bulletin_id}")


class AssessmentsView(ListView):
    """Third-party assessments."""

    template: ClassVar = "assessments.html"


async def assessments(api: Api) -> View:
    """`/assessments`."""
    params = {"sort": "-recorded_at", **api.given("plan", "agency")}
    found = await api.rows(list_assessments, {**params, "limit": 100, **api.given("cursor")})
    return AssessmentsView(
        found=found,
        params=params,
        json=found.href,
        csv=f"{found.href}&format=csv",
        feed="/v1/changes.atom?resource=assessment",
    )


@dataclass(frozen=True, kw_only=True)
class AssessmentView(View):
    """An assessment."""

    template: ClassVar = "assessment.html"
    assessment: Document


async def assessment(api: Api, assessment_id: str) -> View:
    """`/assessments/{id}`."""
    found = await api.one(get_assessment, assessment_id=assessment_id)
    return AssessmentView(assessment=found, json=f"/v1/assessments/{assessment_id}")
