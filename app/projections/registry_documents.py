"""The public documents of governments, agencies and platforms.

Each function takes the condition of the rows whose documents it makes, and reads what belongs to these:
its cost does not depend on what else is stored.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session, aliased

from app.db.compiled import Read
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


MOST_LISTED = 100  # tasks of a platform in its document; a nationwide one is in those of every plan
MOST_READ = 500  # mentions of a platform that these are taken from


def agency_documents(session: Session, scope: Any) -> Iterator[tuple[str, Document]]:
    """Id and document of the agencies that meet a condition."""
    collectives = _collectives(session, scope)
    predecessors = _related(session, Succession.successor_id, Succession.predecessor_id, scope)
    successors = _related(session, Succession.predecessor_id, Succession.successor_id, scope)
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


def _related(session: Session, of: Any, other: Any, scope: Any) -> dict[str, list[Document]]:
    """Agency → those that it came from, or went over into."""
    found: dict[str, list[Document]] = defaultdict(list)
    related = (
        select(of, Succession.happened_on, Succession.kind, Agency)
        .join(Agency, Agency.id == other)
        .where(of.in_(select(Agency.id).where(scope).correlate(None)))
        .order_by(Succession.happened_on, Agency.id)
    )
    for id_, on, kind, agency in session.execute(related):
        found[id_].append({"agency": agency_ref(agency), "on": on, **labelled("how", kind)})
    return found


def jurisdiction_documents(session: Session, scope: Any) -> Iterator[tuple[str, Document]]:
    """Id and document of the governments that meet a condition and have plans or agencies."""
    live = Jurisdiction.withdrawn_at.is_(None)
    published = select(Region).join(Jurisdiction, Jurisdiction.id == Region.code).where(live)
    regions = session.scalars(published.where(scope).order_by(Region.code)).all()
    above = select(Jurisdiction.id).where(scope).correlate(None)
    children: dict[str | None, list[Document]] = defaultdict(list)
    below = published.where(Region.parent_code.in_(above)).order_by(Region.code)
    for region in session.scalars(below):
        children[region.parent_code].append(jurisdiction_ref(region))
    counts = _counts_by_jurisdiction(session, above)
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


def _counts_by_jurisdiction(session: Session, codes: Any) -> dict[str, dict[str, int]]:
    """Code → the numbers of plans, of tasks and targets in them, and of agencies."""
    found: dict[str, dict[str, int]] = defaultdict(
        lambda: {"plans": 0, "tasks": 0, "targets": 0, "agencies": 0}
    )
    of_plan = select(Plan.jurisdiction_code, func.count()).group_by(Plan.jurisdiction_code)
    of_plan = of_plan.where(Plan.jurisdiction_code.in_(codes))
    counts = {
        "plans": of_plan.where(Plan.withdrawn_at.is_(None)),
        "tasks": of_plan.join(Task, Task.plan_id == Plan.id).where(
            Task.is_leaf, Task.withdrawn_at.is_(None)
        ),
        "targets": of_plan.join(Target, Target.plan_id == Plan.id).where(
            Target.withdrawn_at.is_(None)
        ),
        "agencies": select(Agency.jurisdiction_code, func.count())
        .where(Agency.jurisdiction_code.in_(codes), Agency.withdrawn_at.is_(None))
        .group_by(Agency.jurisdiction_code),
    }
    for name, counted in counts.items():
        for code, number in session.execute(counted):
            found[code][name] = number
    return found


# The first mentions of a platform in tasks, in the order of the plans' ids and of their texts.
MENTIONING = Read(
    select(Task.id, Task.code, Task.title, Mention.mode)
    .join(Mention, Mention.task_id == Task.id)
    .where(Mention.platform_id == bindparam("platform"))
    .order_by(Mention.plan_id, Mention.span_start)
    .limit(MOST_READ)
)


def platform_documents(session: Session, scope: Any) -> Iterator[tuple[str, Document]]:
    """Id and document of the platforms that meet a condition."""
    counted = (
        select(Mention.platform_id, func.count(), func.count(Mention.task_id.distinct()))
        .where(Mention.platform_id.in_(select(Platform.id).where(scope)))
        .group_by(Mention.platform_id)
    )
    counts = {id_: (mentions, tasks) for id_, mentions, tasks in session.execute(counted)}
    real = (
        select(Mention.platform_id)
        .join(Plan, Plan.id == Mention.plan_id)
        .join(Region, Region.code == Plan.jurisdiction_code)
        .where(Mention.platform_id == Platform.id, ~Region.is_example)
        .exists()
    )
    first_tasks = _first_tasks(session, [id_ for id_, (_, tasks) in counts.items() if tasks])
    for platform, is_real in session.execute(select(Platform, real).where(scope)).all():
        mentions, tasks = counts.get(platform.id, (0, 0))
        yield (
            platform.id,
            {
                "id": platform.id,
                "name": platform.name,
                **labelled("kind", platform.kind),
                "is_example": bool(mentions) and not is_real,
                "tasks": first_tasks.get(platform.id, []),
                "tasks_total": tasks,
                "mentions": mentions,
            },
        )


def _first_tasks(session: Session, ids: Sequence[str]) -> dict[str, list[Document]]:
    """Platform → the first tasks that mention it; one call of the driver for all."""
    found = MENTIONING.each(session.connection(), [{"platform": id_} for id_ in ids]) if ids else []
    return {id_: _with_modes(mentions) for id_, mentions in zip(ids, found, strict=True)}


def _with_modes(mentions: Sequence[Any]) -> list[Document]:
    """References to tasks, each once with the mode that says most of all its mentions."""
    tasks = {mention.id: task_ref(mention) for mention in mentions}
    modes: dict[str, list[MentionMode]] = defaultdict(list)
    for mention in mentions:
        modes[mention.id].append(mention.mode)
    return [
        {**tasks[id_], **labelled("mode", min(found, key=MOST_FIRST.index))}
        for id_, found in list(modes.items())[:MOST_LISTED]
    ]
