"""The registry → its rows in the database, as far as notices or what is stored refer to it.

What a load touches follows from its plans, before and after, and from what the registry says otherwise
than when it was last loaded: `LoadedRegistry` has a digest for each government.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, union
from sqlalchemy.orm import Session

from app.chinese.folding import FOLDING
from app.db import models as tables
from seed import rows
from seed.notice_files import ReadNotice
from seed.registry import Registry
from seed.storing import among, store_links, store_published


class Touched:
    """What a load may change beside plans: table → ids."""

    def __init__(self) -> None:
        self.ids: defaultdict[Any, set[str]] = defaultdict(set)

    def by_plans(self, session: Session, plan_ids: Sequence[str]) -> None:
        """Add the plans and what they refer to as they are stored now."""
        self.ids[tables.Plan].update(plan_ids)
        assigned = select(tables.Assignment.agency_id).join(
            tables.Task, tables.Task.id == tables.Assignment.task_id
        )
        referred = {
            tables.Agency: assigned.where(tables.Task.plan_id.in_(plan_ids)),
            tables.Platform: select(tables.Mention.platform_id).where(
                tables.Mention.plan_id.in_(plan_ids)
            ),
            tables.Jurisdiction: select(tables.Plan.jurisdiction_code).where(
                tables.Plan.id.in_(plan_ids)
            ),
        }
        for table, found in referred.items():
            self.ids[table].update(session.scalars(found.distinct()))


def store_registry(
    session: Session,
    registry: Registry,
    notices: Sequence[ReadNotice],
    now: datetime,
    touched: Touched,
) -> bool:
    """Store the agencies that plans or facts refer to, and the governments of these and of the plans.

    Gives whether a name may have changed that documents of any plan show.
    """
    changed = _changed(session, registry)
    owners = _owners(session, registry, notices, touched, changed)
    present = owners | _stored(session, tables.Agency, _related(registry, owners))
    codes = _codes(session, registry, notices, touched, owners, changed)
    regions = store_links(
        session,
        tables.Region,
        rows.region_rows(registry, codes),
        among(tables.Region.code, codes),
        keep_missing=True,
    )
    agencies = store_published(
        session,
        tables.Agency,
        rows.agency_rows(registry, owners),
        now,
        among(tables.Agency.id, owners),
    )
    links: list[tuple[Any, Iterable[rows.Row], Any, str]] = [
        (
            tables.CollectiveMember,
            rows.member_rows(registry, present),
            tables.CollectiveMember.collective_id,
            "collective_id",
        ),
        (
            tables.Succession,
            rows.succession_rows(registry, present),
            tables.Succession.successor_id,
            "successor_id",
        ),
    ]
    for table, read, owner, name in links:
        of_owners = [row for row in read if row[name] in owners]
        store_links(session, table, of_owners, among(owner, owners))
    of_registry = [
        row
        for row in rows.platform_rows(registry)
        if (row["scope_code"] or "") in changed or row["id"] in touched.ids[tables.Platform]
    ]
    platform_ids = {row["id"] for row in of_registry}
    platforms = store_published(
        session, tables.Platform, of_registry, now, among(tables.Platform.id, platform_ids)
    )
    touched.ids[tables.Agency] |= present
    touched.ids[tables.Region] |= codes
    touched.ids[tables.Platform] |= platform_ids
    return regions or agencies or platforms


def _changed(session: Session, registry: Registry) -> set[str]:
    """The governments of which the registry does not say what it said when it was last loaded."""
    everyone, codes = {one.id for one in registry.everyone}, set(registry.by_code)
    regions = {one.id: one.region for one in registry.everyone}
    found: defaultdict[str, list[Any]] = defaultdict(lambda: [FOLDING])
    for row in rows.region_rows(registry, codes):
        found[row["code"]].append(row)
    for row in rows.agency_rows(registry, everyone):
        found[row["jurisdiction_code"]].append(row)
    for row in rows.member_rows(registry, everyone):
        found[regions[row["agency_id"]]].append(row)
    for row in rows.succession_rows(registry, everyone):
        found[regions[row["successor_id"]]].append(row)
    for row in rows.platform_rows(registry):
        found[row["scope_code"] or ""].append(row)
    digests = {
        code: hashlib.sha256(repr(said).encode()).hexdigest() for code, said in found.items()
    }
    loaded = tables.LoadedRegistry
    known = select(loaded.jurisdiction_code, loaded.sha256)
    stored = {row.jurisdiction_code: row.sha256 for row in session.execute(known)}
    changed = {code for code, digest in digests.items() if stored.get(code) != digest}
    for one in among(loaded.jurisdiction_code, changed & stored.keys()):
        session.execute(delete(loaded).where(one))
    if changed:
        session.execute(
            insert(loaded),
            [{"jurisdiction_code": code, "sha256": digests[code]} for code in sorted(changed)],
        )
    return changed


def _owners(
    session: Session,
    registry: Registry,
    notices: Sequence[ReadNotice],
    touched: Touched,
    changed: Collection[str],
) -> set[str]:
    """The agencies to store with their links: referred to, or changed and there; their collectives.

    And those that went on from these, since the link belongs to the later one.
    """
    referred = touched.ids[tables.Agency] | {
        one.agency for notice in notices for task in notice.plan.tasks() for one in task.assignments
    }
    differing = [agency.id for agency in registry.everyone if agency.region in changed]
    ids = referred | _stored(session, tables.Agency, differing)
    found = [agency for agency in registry.everyone if agency.id in ids]
    of_rules = {one.id for agency in found for one in rows.collectives_of(registry, agency)}
    owners = {agency.id for agency in found} | of_rules
    later = [
        agency.id
        for agency in registry.everyone
        if any(before.agency in owners for before in agency.predecessors)
    ]
    return owners | _stored(session, tables.Agency, later)


def _related(registry: Registry, owners: set[str]) -> set[str]:
    """The agencies at the other end of what these own: members of collectives, and predecessors."""
    found = set()
    for agency in registry.everyone:
        if not owners.isdisjoint(one.id for one in rows.collectives_of(registry, agency)):
            found.add(agency.id)
        if agency.id in owners:
            found.update(before.agency for before in agency.predecessors)
    return found


def _stored(session: Session, table: Any, ids: Iterable[str]) -> set[str]:
    """Those of these ids that are there."""
    return {
        id_ for one in among(table.id, ids) for id_ in session.scalars(select(table.id).where(one))
    }


def _codes(
    session: Session,
    registry: Registry,
    notices: Sequence[ReadNotice],
    touched: Touched,
    agencies: Collection[str],
    changed: Collection[str],
) -> set[str]:
    """The governments of these agencies and of the plans, the places that the plans name, and all around.

    Of the governments that have changed, those around what is stored.
    """
    codes = {agency.region for agency in registry.everyone if agency.id in agencies}
    codes |= {notice.plan.jurisdiction for notice in notices}
    codes |= {code for notice in notices for task in notice.plan.tasks() for code in task.places}
    codes |= {code for code in touched.ids[tables.Jurisdiction] if code in registry.by_code}
    around = _around(registry, codes)
    differing = [code for code in changed if code in registry.by_code]
    chains = {one.code for code in differing for one in registry.chain(code)}
    place = tables.Place.region_code
    roots = _stored(session, tables.Jurisdiction, chains) | {
        code
        for one in among(place, chains)
        for code in session.scalars(select(place).where(one).distinct())
    }
    there = {
        code
        for one in among(tables.Region.code, differing)
        for code in session.scalars(select(tables.Region.code).where(one))
    }
    below = {
        code for code in differing if any(above.code in roots for above in registry.chain(code))
    }
    return around | there | below


def _around(registry: Registry, codes: set[str]) -> set[str]:
    """Governments with those above them, and those below them, which tasks and assessments may name."""
    above = {one.code for code in codes for one in registry.chain(code)}
    return above | {one.code for one in registry.within(*codes)}


def store_jurisdictions(session: Session, now: datetime, touched: Touched) -> None:
    """The governments that have plans or agencies; those above them name them, too."""
    codes = set(touched.ids[tables.Jurisdiction])
    for one in among(tables.Agency.id, touched.ids[tables.Agency]):
        codes.update(session.scalars(select(tables.Agency.jurisdiction_code).where(one).distinct()))
    live: set[str] = set()
    for of_plans, of_agencies in zip(
        *(among(table.jurisdiction_code, codes) for table in (tables.Plan, tables.Agency)),
        strict=True,
    ):
        found = union(
            select(tables.Plan.jurisdiction_code).where(
                of_plans, tables.Plan.withdrawn_at.is_(None)
            ),
            select(tables.Agency.jurisdiction_code).where(
                of_agencies, tables.Agency.withdrawn_at.is_(None)
            ),
        )
        live.update(session.scalars(found))
    read, above = [], set()
    region = tables.Region
    for one in among(region.code, codes):
        for code, name, parent in session.execute(
            select(region.code, region.name, region.parent_code).where(one)
        ):
            if code in live:
                read.append({"id": code, "name": name})
            above.update([parent] if parent else [])
    scopes = among(tables.Jurisdiction.id, codes)
    store_published(session, tables.Jurisdiction, read, now, scopes, withdraw=True)
    touched.ids[tables.Jurisdiction] = codes | above
