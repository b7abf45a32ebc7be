"""A load reads and writes what its plans touch; what is stored then is what a whole rebuild gives."""

import copy
import dataclasses
from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from app.db.engine import open_engine
from app.db.models import (
    Agency,
    Assignment,
    CollectiveMember,
    Jurisdiction,
    KnownName,
    LoadedRegistry,
    PeriodTally,
    Plan,
    Platform,
    Region,
    SearchEntry,
    Succession,
    Tally,
    Task,
)
from app.enums import AgencyKind, SuccessionKind
from app.kinds import BY_NAME
from app.projections import documents
from app.projections.known_names import store_known_names
from app.projections.marks import marks_of
from app.projections.tallies import store_period_tallies, tally_rows
from seed import load as loading
from seed import registry_rows
from seed.governments import Government
from seed.load import load
from seed.notice_files import ReadNotice
from seed.registry import Predecessor, Registry
from seed.registry_rows import Touched
from tests.support import LOADED_AT
from tests.support.databases import Databases
from tests.support.stored import snapshot
from tests.support.years import example_notices, example_registry

LOADS = 4
ENTRIES = select(SearchEntry.resource, SearchEntry.id, SearchEntry.marks)
ROWS = (Agency, CollectiveMember, Jurisdiction, KnownName, Platform, Region, Succession)


class Everything(Touched):
    """What a load has touched that does not know what it has touched: all that is stored."""

    def by_plans(self, session: Session, plan_ids: Any) -> None:
        super().by_plans(session, plan_ids)
        for table in (Plan, Agency, Platform, Jurisdiction):
            self.ids[table].update(session.scalars(select(table.id)))
        session.execute(delete(LoadedRegistry))


class Visited(tuple[Government, ...]):
    """Governments that count how often all of them are visited."""

    times = 0

    def __iter__(self) -> Iterator[Government]:
        self.times += 1
        return super().__iter__()


def test_a_government_of_many_is_visited_a_few_times_for_all_of_them() -> None:
    nation = Government("100000", "中国", "nation", None, "国", ())
    below = [Government(f"z{n}", f"县{n}", "county", "100000", "县", ()) for n in range(300)]
    registry = Registry((), (), Visited((nation, *below)))
    codes = {one.code for one in below}
    assert registry_rows._around(registry, codes) == {"100000", *codes}
    assert registry.governments.times <= 3  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def notices() -> list[ReadNotice]:
    """The three smallest plans, since loading is what takes the time."""
    return sorted(example_notices(), key=lambda one: len(list(one.plan.tasks())))[:3]


@pytest.fixture
def engines(on_sqlite: Databases) -> Iterator[list[Engine]]:
    """Two databases without a notice; what is tried does not depend on their kind."""
    with on_sqlite.with_tables() as touched, on_sqlite.with_tables() as everything:
        found = [open_engine(touched), open_engine(everything)]
        yield found
        for engine in found:
            engine.dispose()


def _changed(notice: ReadNotice, random: Random, others: list[str]) -> ReadNotice:
    """The notice as another reading could have it: without its last task, clauses, a predecessor."""
    plan = copy.deepcopy(notice.plan)
    tasks = list(plan.tasks())
    for task in random.sample(tasks, len(tasks) // 3):
        task.assignments.clear()
    random.choice(tasks).title += "（二）"
    if plan.sections:
        plan.sections[-1].items.pop()
    plan.supersedes = random.choice([None, *others])
    return dataclasses.replace(notice, plan=plan)


def _registries(registry: Registry, notices: list[ReadNotice]) -> list[Registry]:
    """As it is; in another order, with a predecessor, another name or kind, and without counties."""
    assigned = [one.agency for task in notices[-1].plan.tasks() for one in task.assignments]
    first, second = list(dict.fromkeys(assigned))[:2]

    def changed(id_: str, **members: Any) -> Registry:
        agencies, bodies = (
            tuple(dataclasses.replace(a, **members) if a.id == id_ else a for a in those)
            for those in (registry.agencies, registry.bodies)
        )
        return dataclasses.replace(registry, agencies=agencies, bodies=bodies)

    merged = (Predecessor(second, SuccessionKind.MERGED),)
    used = {one.region for one in registry.everyone}
    fewer = [one for one in registry.governments if one.code in used or one.level != "county"]
    return [
        registry,
        dataclasses.replace(registry, agencies=registry.agencies[::-1]),
        changed(first, predecessors=merged),
        changed(second, name="另一个名称"),
        changed(second, kind=AgencyKind.OTHER),
        dataclasses.replace(registry, governments=tuple(fewer)),
    ]


def _rows(engine: Engine) -> dict[str, set[str]]:
    with Session(engine) as session:
        return {
            table.__tablename__: {
                repr(tuple(row))
                for row in session.execute(
                    select(
                        *(
                            c
                            for c in table.__table__.columns
                            if c.name not in ("changed_at", "version")
                        )
                    )
                )
            }
            for table in ROWS
        }


def _load(
    engines: list[Engine],
    registry: Registry,
    chosen: list[ReadNotice],
    number: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Load into both, and compare what they store."""
    at = LOADED_AT + timedelta(days=number)
    for engine, touched in zip(engines, (Touched, Everything), strict=True):
        monkeypatch.setattr(loading, "Touched", touched)
        load(engine, registry, chosen, at)
    ours, whole = (_rows(engine) for engine in engines)
    assert ours == whole
    ours_documents, theirs = (snapshot(str(engine.url)) for engine in engines)
    assert ours_documents == theirs, (number, [one.plan.id for one in chosen])


def test_what_a_plan_no_longer_refers_to_is_rebuilt_and_what_is_above_its_government(
    engines: list[Engine], notices: list[ReadNotice], monkeypatch: pytest.MonkeyPatch
) -> None:
    of_city, of_nation = (
        next(one for one in notices if one.plan.id == id_)
        for id_ in ("example-city-2026", "example-nation-2025")
    )

    def without_agencies(jurisdiction: str) -> ReadNotice:
        plan = copy.deepcopy(of_city.plan)
        plan.jurisdiction = jurisdiction
        for task in plan.tasks():
            task.assignments.clear()
        return dataclasses.replace(of_city, plan=plan)

    registry = example_registry()
    province, city = "990000", of_city.plan.jurisdiction
    for number, notice in enumerate(
        (
            of_nation,
            without_agencies(province),  # which the nation lists from now on
            without_agencies(city),  # and no longer
            of_city,
            without_agencies(city),
        )
    ):
        _load(engines, registry, [notice], number, monkeypatch)


@pytest.mark.parametrize("seed", [1, 2])
def test_loads_in_any_order_store_what_a_rebuild_of_everything_does(
    engines: list[Engine], notices: list[ReadNotice], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = Random(seed)  # noqa: S311 - not for secrets
    registries = _registries(example_registry(), notices)
    ids = [notice.plan.id for notice in notices]
    for number in range(LOADS):
        chosen = random.sample(notices, random.choice((1, 1, 2)))
        if random.random() < 0.5:
            chosen = [_changed(one, random, ids) for one in chosen]
        registry = random.choice(registries)
        _load(engines, registry, chosen, number, monkeypatch)
    with Session(engines[0]) as session, session.begin():
        before = set(session.execute(select(*KnownName.__table__.columns)))
        store_known_names(session)
        assert set(session.execute(select(*KnownName.__table__.columns))) == before
        withdrawn = select(Task.id).where(Task.withdrawn_at.is_not(None))
        of_withdrawn = select(Assignment.task_id).where(Assignment.task_id.in_(withdrawn))
        assert not session.scalars(of_withdrawn).all()
        for plan_id in session.scalars(select(Plan.id)).all():
            of_plan = select(*Tally.__table__.columns).where(Tally.plan_id == plan_id)
            tallies = [dict(row) for row in session.execute(of_plan).mappings()]
            assert sorted(tallies, key=repr) == sorted(tally_rows(session, plan_id), key=repr)
            entries = session.execute(ENTRIES).all()
            for resource in {entry.resource for entry in entries}:
                stored = {one.id: one.marks for one in entries if one.resource == resource}
                marks = marks_of(session, BY_NAME[resource].model, [*stored])
                assert stored == {id_: marks.get(id_, "") for id_ in stored}, resource
            rebuilt = documents.refresh(session, plan_id, LOADED_AT + timedelta(days=LOADS))
            assert {what for outcome in rebuilt.values() for what in outcome} <= {"unchanged"}
        together = set(session.execute(select(*PeriodTally.__table__.columns)))
        store_period_tallies(session)
        assert together == set(session.execute(select(*PeriodTally.__table__.columns)))
        assert len({one.period for one in together}) > 1
