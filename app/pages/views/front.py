"""`/`, `/changes`, `/about` and `/developers`."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from app import VERSION
from app.kinds import BY_NAME
from app.kinds.document import Document, moment
from app.pages.reading import Api
from app.pages.rendering import View
from app.reading.one import base_of
from app.resources.agencies.routes import list_agencies
from app.resources.changes.queries import RecentQuery, recent_changes
from app.resources.plans.routes import list_plans
from app.resources.service.routes import get_service
from app.resources.targets.routes import list_targets

MOST_AGENCIES = 12
LATEST, CHANGES = 5, 50
LOCAL = "http://localhost:8000"  # `make run`


@dataclass(frozen=True)
class Recorded:
    """A change, with the title and the page of what changed."""

    seq: int
    at: str
    op: str
    op_label: str
    kind: str
    kind_label: str
    title: str
    url: str | None  # None if it was withdrawn


@dataclass(frozen=True, kw_only=True)
class FrontView(View):
    """Where to begin."""

    template: ClassVar = "front.html"
    plans: Sequence[Document]
    agencies: Sequence[Document]
    counts: Document
    due: Sequence[Document]
    changes: Sequence[Recorded]


async def front(api: Api) -> View:
    """`/`."""
    service = await api.one(get_service)
    plans = await api.rows(list_plans, {"limit": 20})
    agencies = (await api.rows(list_agencies, {"limit": 1000})).rows
    busiest = sorted(agencies, key=lambda one: -sum(one["counts"].values()))
    coming = {"due_from": str(api.today()), "sort": "due_on", "limit": LATEST}
    due = await api.rows(list_targets, coming)
    changes, _ = await _recorded(api, RecentQuery(limit=LATEST))
    return FrontView(
        plans=sorted(plans.rows, key=lambda one: one["is_example"]),
        agencies=busiest[:MOST_AGENCIES],
        counts=service["counts"],
        due=due.rows,
        changes=changes,
        json="/v1",
        feed="/v1/changes.atom",
        calendar="/v1/deadlines.ics",
    )


@dataclass(frozen=True, kw_only=True)
class ChangesView(View):
    """The change feed for people."""

    template: ClassVar = "changes.html"
    changes: Sequence[Recorded]
    before: int | None


async def changes(api: Api) -> View:
    """`/changes`, newest first."""
    given = api.request.query_params.get("before", "")
    before = int(given) if given.isascii() and given.isdecimal() and len(given) < 10 else None
    found, scanned_from = await _recorded(api, RecentQuery(limit=CHANGES, before=before))
    return ChangesView(
        changes=found,
        before=scanned_from if scanned_from > 1 else None,
        json="/v1/changes",
        feed="/v1/changes.atom",
    )


async def _recorded(api: Api, query: RecentQuery) -> tuple[list[Recorded], int]:
    recent = await recent_changes(api.reader, query)
    found = []
    for change in recent.changes:
        kind, document = (
            BY_NAME[change.resource],
            json.loads(recent.documents[change.resource, change.id]),
        )
        found.append(
            Recorded(
                change.seq,
                moment(change.at),
                change.op.value,
                change.op.label,
                kind.name,
                kind.label,
                kind.title(document),
                None if change.op == "withdrawn" else kind.html_url(document),
            )
        )
    return found, recent.scanned_from


@dataclass(frozen=True, kw_only=True)
class AboutView(View):
    """Where the data come from."""

    template: ClassVar = "about.html"
    service: Document
    plans: Sequence[Document]


async def about(api: Api) -> View:
    """`/about`."""
    service = await api.one(get_service)
    plans = await api.rows(list_plans, {"limit": 100})
    return AboutView(service=service, plans=plans.rows, json="/v1")


@dataclass(frozen=True, kw_only=True)
class DevelopersView(View):
    """How to begin with the API."""

    template: ClassVar = "developers.html"
    version: str
    service: Document
    example: str | None  # the id of an agency with tasks
    host: str  # where the commands go; without a public URL, the script writes that of the browser


async def developers(api: Api) -> View:
    """`/developers`."""
    service = await api.one(get_service)
    agencies = (await api.rows(list_agencies, {"limit": 1})).rows
    example = agencies[0]["id"] if agencies else None
    base = base_of(api.request)
    host = base if base.startswith("http") else f"{LOCAL}{base}"
    return DevelopersView(version=VERSION, service=service, example=example, host=host, json="/v1")
