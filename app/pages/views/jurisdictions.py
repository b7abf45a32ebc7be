"""`/jurisdictions/{code}`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from app.http.problems import GoneError, NotFoundError
from app.kinds.document import Document
from app.pages.reading import Api, Rows
from app.pages.rendering import View
from app.resources.agencies.routes import list_agencies
from app.resources.jurisdictions.routes import get_jurisdiction
from app.resources.plans.routes import list_plans


@dataclass(frozen=True, kw_only=True)
class JurisdictionView(View):
    """A government: its plans, its agencies, those above and below it."""

    template: ClassVar = "jurisdiction.html"
    jurisdiction: Document
    has_parent: bool  # with a page
    plans: Sequence[Document]
    agencies: Rows


async def jurisdiction(api: Api, code: str) -> View:
    """`/jurisdictions/{code}`."""
    found = await api.one(get_jurisdiction, code=code)
    of_it = {"jurisdiction": code}
    plans = await api.rows(list_plans, {**of_it, "limit": 200})
    agencies = await api.rows(list_agencies, {**of_it, "limit": 200, **api.given("cursor")})
    return JurisdictionView(
        jurisdiction=found,
        has_parent=await _is_there(api, found["parent"]),
        plans=plans.rows,
        agencies=agencies,
        json=f"/v1/jurisdictions/{code}",
        subject=f"jurisdictions/{code}",
        csv=f"/v1/tasks?jurisdiction={code}&format=csv",
        calendar=f"/v1/deadlines.ics?jurisdiction={code}",
        feed=f"/v1/changes.atom?jurisdiction={code}",
        ld={
            "@type": "GovernmentOrganization",
            "name": found["name"],
            "alternateName": found["aliases"] or None,
        },
    )


async def _is_there(api: Api, parent: Document | None) -> bool:
    """Whether the government above has plans or agencies itself."""
    if parent is None:
        return False
    try:
        await api.one(get_jurisdiction, code=parent["code"])
    except (NotFoundError, GoneError):
        return False
    return True
