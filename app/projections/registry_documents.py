"""The public documents of governments, agencies and platforms."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session, aliased

from app.db.models import (
    Agency,
    Assignment,
    CollectiveMember,
    Delegation,
    Jurisdiction,
    Mention,
    Plan,
    Platform,
    Region,
    Succession,
    Target,
    Task,
)
from app.enums import CollectiveBasis, MentionMode, Role, labelled
from app.kinds.document import Document, agency_ref, jurisdiction_ref, task_ref

MOST_FIRST = list(MentionMode)


def agency_documents(session: Session, scope: Any = None) -> Iterator[tuple[str, Document]]:
    """Id and document of every agency, or of those that meet a condition."""
    scope = true() if scope is None else scope
    collectives = _collectives(session, scope)
    predecessors = _related(session, Succession.successor_id, Succession.predecessor_id)
    successors = _related(session, Succession.predecessor_id, Succession.successor_id)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for agency_id, role, number in session.execute(
        select(Assignment.agency_id, Assignment.role, func.count(Task.id.distinct()))
        .join(Task, Task.id == Assignment.task_id)
        .join(Agency, Agency.id == Assignment.agency_id)
        .where(Task.withdrawn_at.is_(None), scope)
        .group_by(Assignment.agency_id, Assignment.role)
    ):
        counts[agency_id][role] = number
    for agency, region in session.execute(
        select(Agency, Region).join(Region, Region.code == Agency.jurisdiction_code).where(scope)
    ):
        yield (
            agency.id,
            {
                "id": agency.id,
                "name": agency.name,
                "official_name": agency.official_name,
                "english_name": agency.english_name,
                "names": [  # PostgreSQL stores members in an order of its own
                    {name: one[name] for name in ("name", "valid_from", "valid_to")}
                    for one in agency.names
                ],
                "aliases": agency.aliases,
                **labelled("kind", agency.kind),
                "jurisdiction": jurisdiction_ref(region),
                "is_example": region.is_example,
                "predecessors": predecessors[agency.id],
                "successors": successors[agency.id],
                "is_collective": agency.kind == "collective",
                "collectives": [one for _, one in sorted(collectives[agency.id].items())],
                "counts": {role: counts[agency.id][role] for role in Role},
            },
        )


def _collectives(session: Session, scope: Any) -> dict[str, dict[str, Document]]:
    """Agency → id → each collective that it belongs to.

    A delegation takes precedence over a rule, since it also permits the agency to report.
    """
    found: dict[str, dict[str, Document]] = defaultdict(dict)
    collective = aliased(Agency)
    bases: list[tuple[Any, CollectiveBasis]] = [
        (CollectiveMember, CollectiveBasis.RULE),
        (Delegation, CollectiveBasis.DELEGATION),
    ]
    for link, basis in bases:
        for agency_id, id_, name in session.execute(
            select(link.agency_id, collective.id, collective.name)
            .join(collective, collective.id == link.collective_id)
            .join(Agency, Agency.id == link.agency_id)
            .where(scope)
        ):
            found[agency_id][id_] = {"id": id_, "name": name, **labelled("basis", basis)}
    return found


def _related(session: Session, of: Any, other: Any) -> dict[str, list[Document]]:
    """Agency → those that it came from, or went over into; all agencies, since few changed."""
    found: dict[str, list[Document]] = defaultdict(list)
    related = (
        select(of, Succession.happened_on, Succession.kind, Agency)
        .join(Agency, Agency.id == other)
        .order_by(Succession.happened_on, Agency.id)
    )
    for id_, on, kind, agency in session.execute(related):
        found[id_].append({"agency": agency_ref(agency), "on": on, **labelled("how", kind)})
    return found


def jurisdiction_documents(session: Session) -> Iterator[tuple[str, Document]]:
    """Id and document of every government that has plans or agencies."""
    live = Jurisdiction.withdrawn_at.is_(None)
    published = select(Region).join(Jurisdiction, Jurisdiction.id == Region.code).where(live)
    regions = session.scalars(published.order_by(Region.code)).all()
    children: dict[str | None, list[Document]] = defaultdict(list)
    for region in regions:
        children[region.parent_code].append(jurisdiction_ref(region))
    counts = _counts_by_jurisdiction(session)
    for region in regions:
        parent = session.get(Region, region.parent_code) if region.parent_code else None
        yield (
            region.code,
            {
                "id": region.code,
                **jurisdiction_ref(region),
                "aliases": region.aliases,
                "is_example": region.is_example,
                "parent": parent and jurisdiction_ref(parent),
                "children": children[region.code],
                "counts": counts[region.code],
            },
        )


def _counts_by_jurisdiction(session: Session) -> dict[str, dict[str, int]]:
    """Code → the numbers of plans, of tasks and targets in them, and of agencies."""
    found: dict[str, dict[str, int]] = defaultdict(
        lambda: {"plans": 0, "tasks": 0, "targets": 0, "agencies": 0}
    )
    of_plan = select(Plan.jurisdiction_code, func.count()).group_by(Plan.jurisdiction_code)
    counts = {
        "plans": of_plan.where(Plan.withdrawn_at.is_(None)),
        "tasks": of_plan.join(Task, Task.plan_id == Plan.id).where(
            Task.is_leaf, Task.withdrawn_at.is_(None)
        ),
        "targets": of_plan.join(Target, Target.plan_id == Plan.id).where(
            Target.withdrawn_at.is_(None)
        ),
        "agencies": select(Agency.jurisdiction_code, func.count())
        .where(Agency.withdrawn_at.is_(None))
        .group_by(Agency.jurisdiction_code),
    }
    for name, counted in counts.items():
        for code, number in session.execute(counted):
            found[code][name] = number
    return found


def platform_documents(session: Session) -> Iterator[tuple[str, Document]]:
    """Id and document of every platform."""
    mentions: Counter[str] = Counter()
    real: set[str] = set()
    tasks: dict[str, dict[str, Document]] = defaultdict(dict)
    modes: dict[tuple[str, str], MentionMode] = {}
    for mention, task, is_example in session.execute(
        select(Mention, Task, Region.is_example)
        .outerjoin(Task, Task.id == Mention.task_id)
        .join(Plan, Plan.id == Mention.plan_id)
        .join(Region, Region.code == Plan.jurisdiction_code)
        .order_by(Mention.plan_id, Mention.span_start)
    ):
        mentions[mention.platform_id] += 1
        if not is_example:
            real.add(mention.platform_id)
        if task:
            key = (mention.platform_id, task.id)
            modes[key] = min(mention.mode, modes.get(key, mention.mode), key=MOST_FIRST.index)
            entry = {**task_ref(task), **labelled("mode", modes[key])}
            tasks[mention.platform_id][task.id] = entry
    for platform in session.scalars(select(Platform)):
        yield (
            platform.id,
            {
                "id": platform.id,
                "name": platform.name,
                **labelled("kind", platform.kind),
                "is_example": bool(mentions[platform.id]) and platform.id not in real,
                "tasks": list(tasks[platform.id].values()),
                "mentions": mentions[platform.id],
            },
        )
