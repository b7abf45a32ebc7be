"""A corpus that no government wrote, for measuring how the service grows.

Every plan is the first notice with `【合成】` before each title and heading, read by the ordinary
parser, loaded by the ordinary loader, and then copied by the database itself.  Each copy has a
government, agencies and platforms of its own, so that what one agency has to do stays as much as it was.

Every id begins with `synthetic-`; every name of a government, agency or platform with `合成` and a number.
Real and synthetic plans are never in one database: loading and synthesizing both refuse.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    Integer,
    Text,
    bindparam,
    cast,
    column,
    delete,
    func,
    insert,
    literal,
    select,
    table,
    text,
    update,
)
from sqlalchemy.orm import Session

from app.db import models as tables
from app.db.statistics import keep_statistics
from app.projections.change_feed import moment_of_writing, raise_revision
from app.projections.ngrams import grams_of_entry
from app.projections.search_index import INSERT
from seed.editorial import Editorial
from seed.load import SYNTHETIC, load
from seed.notice_files import ReadNotice
from seed.reader.as_plan import parse
from seed.refusals import NoticeRefusedError
from seed.registry import Government, Registry

MARK = "【合成】"
NUMBER = "00000"  # of the first plan; the others count up, in as many digits
FIRST_ID, FIRST_NAME = f"{SYNTHETIC}{NUMBER}", f"合成{NUMBER}"
MOST_PLANS = 10 ** len(NUMBER)
AT_ONCE = 250  # plans of one transaction
COPIED = (
    tables.Region, tables.Jurisdiction, tables.Plan, tables.PlanYear, tables.Section, tables.Task, tables.Agency, tables.CollectiveMember, tables.Platform,
    tables.Assignment, tables.Target, tables.Mention, tables.Place, tables.KnownName, tables.SearchEntry,
    tables.SearchReference, tables.Change, tables.ChangeAgency, tables.DocumentVersion,
)  # fmt: skip
NAMED = ("agency", "jurisdiction", "plan", "platform")  # whose searched words hold the number
# Numbered through all plans, each by the rows of a table.
COUNTED = {
    tables.SearchEntry: ("number", tables.SearchEntry),
    tables.SearchReference: ("number", tables.SearchEntry),
    tables.Change: ("seq", tables.Change),
    tables.ChangeAgency: ("seq", tables.Change),
    tables.DocumentVersion: ("seq", tables.Change),
}
BATCH = table("synthetic_batch", column("number", Integer), column("digits", Text))


def synthesize(
    engine: Engine,
    registry: Registry,
    notice: ReadNotice,
    editorial: Editorial,
    plans: int,
    now: datetime,
    progress: Callable[[int], None],
) -> None:
    """Fill an empty database; tells after each transaction how many plans are there.

    Raises NoticeRefusedError where plans are there already.
    """
    if not 1 <= plans <= MOST_PLANS:
        raise NoticeRefusedError(None, f"{plans} plans", f"a number from 1 to {MOST_PLANS}")
    with engine.begin() as connection:
        if connection.execute(select(tables.Plan.id).limit(1)).first():
            raise NoticeRefusedError(None, "a database with plans", "an empty one")
    load(engine, _renamed(registry), [_marked(registry, notice, editorial)], now)
    with engine.connect() as connection:
        with connection.begin():
            index = _take_index(connection)
            strides = _keep_template(connection)
            grams = Counter(_grams(connection))
        for start in range(1, plans, AT_ONCE):
            with connection.begin():
                numbers = range(start, min(start + AT_ONCE, plans))
                grams.update(_copy(connection, numbers, strides))
            progress(numbers.stop)
        with connection.begin():
            _store_grams(connection, grams, plans)
            connection.execute(text(index))
            with Session(connection) as session:
                raise_revision(session, moment_of_writing(session, lambda: now))
                session.commit()
    keep_statistics(engine)


def _marked(registry: Registry, notice: ReadNotice, editorial: Editorial) -> ReadNotice:
    """The notice as a synthetic one, read again from its marked text."""
    marked = notice.restored.text
    starts = []
    for section in notice.plan.sections:
        starts.append(marked.index(section.title, section.span.start))
        starts += [marked.index(task.title, task.span.start) for task in section.tasks()]
    for start in sorted(set(starts), reverse=True):
        marked = marked[:start] + MARK + marked[start:]
    marked = marked.replace(notice.plan.title, f"{MARK}{notice.plan.title}")
    plan = parse(marked, FIRST_ID, _with_ids(registry), editorial)
    plan.jurisdiction = f"{FIRST_ID}-{plan.jurisdiction}"
    plan.issuer = f"{FIRST_NAME}人民政府"
    plan.document_number = f"{FIRST_NAME}〔2022〕1号"
    restored = replace(notice.restored, text=marked, corrections=())
    return ReadNotice(plan, restored, hashlib.sha256(marked.encode()).hexdigest())


def _with_ids(registry: Registry) -> Registry:
    """Bodies of the first synthetic government, still by the names that the text has."""
    return replace(
        registry,
        agencies=tuple(replace(a, id=f"{FIRST_ID}-{a.id}") for a in registry.agencies),
        platforms=tuple(replace(p, id=f"{FIRST_ID}-{p.id}") for p in registry.platforms),
    )


def _renamed(registry: Registry) -> Registry:
    """The same by names of their own."""
    synthetic = _with_ids(registry)

    def named(name: str) -> str:
        return f"{FIRST_NAME}{name}"

    return Registry(
        tuple(
            replace(
                agency,
                region=f"{FIRST_ID}-{agency.region}",
                name=named(agency.name),
                official_name=named(agency.official_name),
                english_name=None,
                official_names=(),
                predecessors=(),
                aliases=tuple(map(named, agency.aliases)),
            )
            for agency in synthetic.agencies
        ),
        tuple(
            replace(
                p,
                name=named(p.name),
                aliases=tuple(map(named, p.aliases)),
                region=p.region and f"{FIRST_ID}-{p.region}",
            )
            for p in synthetic.platforms
        ),
        # The real ones, too, since the text names them as places.
        (*registry.governments, *map(_synthetic_government, registry.governments)),
    )


def _synthetic_government(government: Government) -> Government:
    return replace(
        government,
        code=f"{FIRST_ID}-{government.code}",
        name=f"{FIRST_NAME}{government.name}",
        parent=government.parent and f"{FIRST_ID}-{government.parent}",
        aliases=tuple(f"{FIRST_NAME}{alias}" for alias in government.aliases),
    )


def _take_index(connection: Connection) -> str:
    """Drop the text index of PostgreSQL, since making it once at the end is several times quicker.

    Gives the statement that makes it again.
    """
    if connection.dialect.name != "postgresql":
        return "SELECT 1"
    named = "SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_search_index_grams'"
    made: str = connection.execute(text(named)).scalar_one()
    connection.execute(text("DROP INDEX ix_search_index_grams"))
    return made


def _template(source: Any) -> Any:
    columns = [column(c.name, c.type) for c in source.__table__.columns]
    return table(f"template_{source.__tablename__}", *columns)


def _keep_template(connection: Connection) -> dict[Any, int]:
    """The first plan's rows beside the tables; gives by how much numbers rise a plan."""
    for source in COPIED:
        name = source.__tablename__
        quoted = connection.dialect.identifier_preparer.quote(name)
        connection.execute(
            text(f"CREATE TEMPORARY TABLE template_{name} AS SELECT * FROM {quoted}")  # noqa: S608
        )
    # Places and their names are everybody's.
    places, names = _template(tables.Region), _template(tables.KnownName)
    connection.execute(delete(places).where(places.c.code.not_like(f"{SYNTHETIC}%")))
    connection.execute(
        delete(names).where(names.c.resource == "region", names.c.id.not_like(f"{SYNTHETIC}%"))
    )
    connection.execute(text("CREATE TEMPORARY TABLE synthetic_batch (number INTEGER, digits TEXT)"))
    return {
        source: connection.execute(select(func.max(_template(of).c[name]))).scalar_one()
        for source, (name, of) in COUNTED.items()
    }


def _copy(connection: Connection, numbers: range, strides: dict[Any, int]) -> Counter[str]:
    """These plans, table by table; gives in how many of their named entries each gram is."""
    connection.execute(delete(BATCH))
    connection.execute(
        insert(BATCH), [{"number": n, "digits": f"{n:0{len(NUMBER)}}"} for n in numbers]
    )
    for source in COPIED:
        template = _template(source)
        shifted, _ = COUNTED.get(source, ("", source))
        values = [
            column_ + BATCH.c.number * strides[source]
            if column_.name == shifted
            else _with_number(column_, source.__table__.columns[column_.name].type)
            for column_ in template.c
        ]
        copies = select(*values).select_from(template.join(BATCH, literal(value=True)))
        connection.execute(insert(source).from_select([c.name for c in template.c], copies))
    return _index(connection, numbers, strides[tables.SearchEntry])


def _with_number(value: Any, kind: Any) -> Any:
    """A value of the first plan as that of another: ids and names with its number."""
    is_json = kind is tables.Base.type_annotation_map[list[str]]
    if not is_json and kind.python_type is not str:
        return value
    changed = cast(value, Text) if is_json else value
    escaped = FIRST_NAME.encode("unicode_escape").decode()  # JSON as SQLite keeps it
    for first in (FIRST_ID, FIRST_NAME, *([escaped] if is_json else [])):
        other = literal(first.removesuffix(NUMBER)) + BATCH.c.digits
        changed = func.replace(changed, literal(first), other)
    return cast(changed, kind) if is_json else changed


def _index(connection: Connection, numbers: range, stride: int) -> Counter[str]:
    """Tell the index; grams without a number in them are those of the first plan."""
    entries = _template(tables.SearchEntry)
    dialect = connection.dialect.name
    constant = select(entries).where(entries.c.resource.not_in(NAMED))
    if dialect == "postgresql":
        index = table("search_index", column("rowid", Integer), column("grams"))
        copies = (
            select(index.c.rowid + BATCH.c.number * stride, index.c.grams)
            .select_from(index.join(BATCH, literal(value=True)))
            .where(index.c.rowid.in_(constant.with_only_columns(entries.c.number)))
        )
        connection.execute(insert(index).from_select(["rowid", "grams"], copies))
    else:
        _insert(
            connection,
            (
                (entry.number + number * stride, grams)
                for entry in connection.execute(constant).all()
                for grams in [grams_of_entry(entry.resource, entry.title, entry.body)]
                for number in numbers
            ),
        )
    named = connection.execute(select(entries).where(entries.c.resource.in_(NAMED))).all()
    counted: Counter[str] = Counter()

    def with_numbers() -> Iterator[tuple[int, list[str]]]:
        for number in numbers:
            name = FIRST_NAME.removesuffix(NUMBER) + f"{number:0{len(NUMBER)}}"
            for entry in named:
                title, body = (t.replace(FIRST_NAME, name) for t in (entry.title, entry.body))
                grams = grams_of_entry(entry.resource, title, body)
                counted.update(grams)
                yield entry.number + number * stride, grams

    _insert(connection, with_numbers())
    return counted


def _insert(connection: Connection, entries: Iterator[tuple[int, list[str]]]) -> None:
    dialect = connection.dialect.name
    rows = [
        {"number": number, "grams": " ".join(grams) if dialect == "sqlite" else grams}
        for number, grams in entries
    ]
    if rows:
        connection.execute(text(INSERT[dialect]), rows)


def _grams(connection: Connection) -> dict[str, int]:
    """In how many entries of the first plan that hold a number each gram is."""
    entries = _template(tables.SearchEntry)
    counted: Counter[str] = Counter()
    for entry in connection.execute(select(entries).where(entries.c.resource.in_(NAMED))):
        counted.update(grams_of_entry(entry.resource, entry.title, entry.body))
    return counted


def _store_grams(connection: Connection, named: Counter[str], plans: int) -> None:
    """What the first plan has, as many times as there are plans, and what was counted."""
    gram = tables.SearchGram
    connection.execute(update(gram).values(entries=gram.entries * plans))
    there = set(connection.execute(select(gram.gram)).scalars())
    changed = [{"key": gram, "number": n} for gram, n in named.items() if gram in there]
    added = [{"gram": gram, "entries": n} for gram, n in named.items() if gram not in there]
    if changed:
        connection.execute(
            update(gram).where(gram.gram == bindparam("key")).values(entries=bindparam("number")),
            changed,
        )
    if added:
        connection.execute(insert(gram), added)
