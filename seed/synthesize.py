"""A corpus that no government wrote, for measuring how the service grows.

Every plan is the first notice with `【合成】` before each title and heading, once for each year, with
that year in the place of its own, read by the ordinary parser and loaded by the ordinary loader, one
after the other.  The years of the first government are then copied by the database itself.  Each copy has
a government, agencies and platforms of its own, so that what one agency has to do stays as much as it was.

Every id begins with `synthetic-`; every name of a government, agency or platform with `合成` and a number.
Real and synthetic plans are never in one database: loading and synthesizing both refuse.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
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
    inspect,
    literal,
    select,
    table,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.orm import Session

from app.db import models as tables
from app.db.statistics import keep_statistics
from app.projections.change_feed import moment_of_writing, raise_revision
from app.projections.ngrams import BETWEEN_MARKS, PUNCTUATION, gram_of_mark, grams_of_entry
from app.projections.search_index import ENTRIES, INSERT
from app.projections.tallies import store_period_tallies
from seed.editorial import Editorial
from seed.governments import Government
from seed.load import load
from seed.notice_files import ReadNotice
from seed.plan_ids import SYNTHETIC
from seed.reader.as_plan import parse
from seed.refusals import NoticeRefusedError
from seed.registry import Registry

MARK = "【合成】"
NUMBER = "00000"  # of the first government; the others count up, in as many digits
FIRST_ID, FIRST_NAME = f"{SYNTHETIC}{NUMBER}", f"合成{NUMBER}"
FIRST_GRAM = FIRST_ID.translate(PUNCTUATION)  # in a mark, as indexed
FIRST_YEAR = 2022
MOST_PLANS = 10 ** len(NUMBER)
AT_ONCE = 250  # plans of one transaction
COPIED = (
    tables.Region, tables.Jurisdiction, tables.Plan, tables.PlanYear, tables.Section, tables.Task, tables.Agency, tables.CollectiveMember, tables.Platform,
    tables.Assignment, tables.Target, tables.Mention, tables.Place, tables.KnownName, tables.SearchEntry,
    tables.SearchReference, tables.Change, tables.ChangeAgency, tables.DocumentVersion, tables.Comparison,
    tables.LineageLink, tables.Tally,
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
INDEX = (  # as the migration makes it
    "CREATE INDEX ix_search_index_grams ON search_index USING gin (grams) WITH (fastupdate = off)"
)


def synthesize(
    engine: Engine,
    registry: Registry,
    notice: ReadNotice,
    editorial: Editorial,
    governments: int,
    now: datetime,
    progress: Callable[[int], None],
    *,
    years: int = 1,
) -> None:
    """Fill an empty database; tells after each transaction how many plans are there.

    Each government has a plan a year.  Copying that was stopped goes on if it is asked for the same
    numbers.  Raises NoticeRefusedError where plans are there already, also if the first government's
    were not all loaded when it was stopped.
    """
    if not (governments >= 1 and years >= 1 and governments * years <= MOST_PLANS):
        made = f"{governments * years} plans"
        raise NoticeRefusedError(None, made, f"a number from 1 to {MOST_PLANS}")
    is_begun = inspect(engine).has_table(BATCH.name)
    with engine.begin() as connection:
        found = connection.execute(select(func.count()).select_from(tables.Plan)).scalar_one()
    if found and not is_begun:
        raise NoticeRefusedError(None, "a database with plans", "an empty one")
    if not is_begun:
        for year in range(FIRST_YEAR, FIRST_YEAR + years):
            of_year = synthetic_notice(registry, notice, editorial, year)
            load(engine, synthetic_registry(registry), [of_year], now)
        with engine.begin() as connection:
            _keep_template(connection)
    with engine.connect() as connection:
        with connection.begin():
            _drop_index(connection)
            strides = _strides(connection)
        at_once = max(1, AT_ONCE // years)
        for start in range(max(1, found // years), governments, at_once):
            with connection.begin():
                numbers = range(start, min(start + at_once, governments))
                _copy(connection, numbers, strides)
            progress(numbers.stop * years)
        with connection.begin():
            _store_grams(connection, governments)
            _make_index(connection)
            for name in (*(_template(source).name for source in COPIED), BATCH.name):
                connection.execute(text(f"DROP TABLE {name}"))
            with Session(connection) as session:
                store_period_tallies(session)
                raise_revision(session, moment_of_writing(session, lambda: now))
                session.commit()
    keep_statistics(engine, ENTRIES)


def synthetic_notice(
    registry: Registry, notice: ReadNotice, editorial: Editorial, year: int
) -> ReadNotice:
    """The notice as a synthetic one of a year, read again from its marked text."""
    marked = notice.restored.text
    starts = []
    for section in notice.plan.sections:
        starts.append(marked.index(section.title, section.span.start))
        starts += [marked.index(task.title, task.span.start) for task in section.tasks()]
    for start in sorted(set(starts), reverse=True):
        marked = marked[:start] + MARK + marked[start:]
    marked = marked.replace(notice.plan.title, f"{MARK}{notice.plan.title}")
    marked = marked.replace(str(FIRST_YEAR), str(year))
    plan_id = FIRST_ID if year == FIRST_YEAR else f"{FIRST_ID}-{year}"
    plan = parse(marked, plan_id, _with_ids(registry), editorial)
    plan.jurisdiction = f"{FIRST_ID}-{plan.jurisdiction}"
    plan.series = f"{FIRST_ID}-{plan.series}"
    plan.issuer = f"{FIRST_NAME}人民政府"
    plan.document_number = f"{FIRST_NAME}〔{year}〕1号"
    restored = replace(notice.restored, text=marked, corrections=())
    return ReadNotice(plan, restored, hashlib.sha256(marked.encode()).hexdigest())


def _with_ids(registry: Registry) -> Registry:
    """Bodies of the first synthetic government, still by the names that the text has."""
    return replace(
        registry,
        agencies=tuple(replace(a, id=f"{FIRST_ID}-{a.id}") for a in registry.agencies),
        platforms=tuple(replace(p, id=f"{FIRST_ID}-{p.id}") for p in registry.platforms),
    )


def synthetic_registry(registry: Registry) -> Registry:
    """The registry of the first synthetic government, by names of its own."""
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


def _drop_index(connection: Connection) -> None:
    """Drop the text index of PostgreSQL, since making it once at the end is several times quicker."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("DROP INDEX IF EXISTS ix_search_index_grams"))


def _make_index(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text(INDEX))


def _template(source: Any) -> Any:
    columns = [column(c.name, c.type) for c in source.__table__.columns]
    return table(f"template_{source.__tablename__}", *columns)


def _keep_template(connection: Connection) -> None:
    """The first government's rows beside the tables."""
    for source in COPIED:
        quoted = connection.dialect.identifier_preparer.quote(source.__tablename__)
        connection.execute(
            text(f"CREATE TABLE {_template(source).name} AS SELECT * FROM {quoted}")  # noqa: S608
        )
    # Places and their names are everybody's.
    places, names = _template(tables.Region), _template(tables.KnownName)
    connection.execute(delete(places).where(places.c.code.not_like(f"{SYNTHETIC}%")))
    connection.execute(
        delete(names).where(names.c.resource == "region", names.c.id.not_like(f"{SYNTHETIC}%"))
    )
    connection.execute(text(f"CREATE TABLE {BATCH.name} (number INTEGER, digits TEXT)"))


def _strides(connection: Connection) -> dict[Any, int]:
    """By how much numbers rise from one government to the next."""
    return {
        source: connection.execute(select(func.max(_template(of).c[name]))).scalar_one()
        for source, (name, of) in COUNTED.items()
    }


def _copy(connection: Connection, numbers: range, strides: dict[Any, int]) -> None:
    """The plans of these governments, table by table."""
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
    _index(connection, numbers, strides[tables.SearchEntry])


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


def _index(connection: Connection, numbers: range, stride: int) -> None:
    """Tell the index; grams of words without a number are those of the first government."""
    entries = _template(tables.SearchEntry)
    constant = select(entries).where(entries.c.resource.not_in(NAMED))
    if connection.dialect.name == "postgresql":
        resources = constant.with_only_columns(entries.c.resource, entries.c.marks).distinct()
        numbered = {resource: _numbered(marks) for resource, marks in connection.execute(resources)}
        for resource, marks in numbered.items():
            _copy_grams(connection, resource, marks, stride)
    else:
        _insert(
            connection,
            (
                (entry.number + number * stride, [*grams, *_grams_of_marks(entry, marks, number)])
                for entry in connection.execute(constant).all()
                for marks in [_numbered(entry.marks)]
                for others in [[m for m in entry.marks.split(BETWEEN_MARKS) if m not in marks]]
                for words in [(entry.resource, entry.title, entry.body)]
                for grams in [grams_of_entry(*words, BETWEEN_MARKS.join(others))]
                for number in numbers
            ),
        )
    named = connection.execute(select(entries).where(entries.c.resource.in_(NAMED))).all()
    _insert(
        connection,
        (
            (entry.number + number * stride, _grams_with_number(entry, number))
            for number in numbers
            for entry in named
        ),
    )


def _numbered(marks: str) -> list[str]:
    """The marks that hold the number: those of the government."""
    return [one for one in marks.split(BETWEEN_MARKS) if FIRST_ID in one]


def _grams_of_marks(entry: Any, marks: Iterable[str], number: int) -> list[str]:
    other = f"{SYNTHETIC}{number:0{len(NUMBER)}}"
    return [gram_of_mark(entry.resource, one.replace(FIRST_ID, other)) for one in marks]


def _copy_grams(connection: Connection, resource: str, marks: Sequence[str], stride: int) -> None:
    """The grams of a resource's entries, as PostgreSQL has them, with the number in those of marks."""
    index, entries = (
        table("search_index", column("rowid", Integer), column("grams")),
        _template(tables.SearchEntry),
    )
    first = [gram_of_mark(resource, one) for one in marks]
    before, _, after = FIRST_GRAM.partition(NUMBER)
    number = literal(before) + BATCH.c.digits + literal(after)
    others = array([func.replace(literal(one), FIRST_GRAM, number) for one in first])
    constant = func.ts_delete(index.c.grams, cast(first, ARRAY(Text)))
    grams = constant.op("||")(func.array_to_tsvector(others))
    of_resource = select(entries.c.number).where(entries.c.resource == resource)
    copies = (
        select(index.c.rowid + BATCH.c.number * stride, grams)
        .select_from(index.join(BATCH, literal(value=True)))
        .where(index.c.rowid.in_(of_resource))
    )
    connection.execute(insert(index).from_select(["rowid", "grams"], copies))


def _grams_with_number(entry: Any, number: int) -> list[str]:
    """The grams of an entry of the first government, as another one's."""
    name = FIRST_NAME.removesuffix(NUMBER) + f"{number:0{len(NUMBER)}}"
    title, body = (words.replace(FIRST_NAME, name) for words in (entry.title, entry.body))
    marks = entry.marks.replace(FIRST_ID, f"{SYNTHETIC}{number:0{len(NUMBER)}}")
    return grams_of_entry(entry.resource, title, body, marks)


def _insert(connection: Connection, entries: Iterator[tuple[int, list[str]]]) -> None:
    dialect = connection.dialect.name
    rows = [
        {"number": number, "grams": " ".join(grams) if dialect == "sqlite" else grams}
        for number, grams in entries
    ]
    if rows:
        connection.execute(text(INSERT[dialect]), rows)


def _store_grams(connection: Connection, governments: int) -> None:
    """In how many entries each gram is: as often as in the first government, but for numbers."""
    gram, entries = tables.SearchGram, _template(tables.SearchEntry)
    named = connection.execute(select(entries).where(entries.c.resource.in_(NAMED))).all()
    first, counted = Counter[str](), Counter[str]()
    for entry in named:
        first.update(_grams_with_number(entry, 0))
        for number in range(governments):
            counted.update(_grams_with_number(entry, number))
    there = {key: n for key, n in connection.execute(select(gram.gram, gram.entries))}  # noqa: C416
    for key, number in there.items():
        if FIRST_GRAM not in key:
            counted[key] += (number - first[key]) * governments
            continue
        for other in range(governments):
            of_other = FIRST_GRAM.replace(NUMBER, f"{other:0{len(NUMBER)}}")
            counted[key.replace(FIRST_GRAM, of_other)] += number - first[key]
    rows = [{"key": key, "number": n} for key, n in counted.items()]
    if added := [row for row in rows if row["key"] not in there]:
        connection.execute(
            insert(gram), [{"gram": row["key"], "entries": row["number"]} for row in added]
        )
    connection.execute(
        update(gram).where(gram.gram == bindparam("key")).values(entries=bindparam("number")),
        [row for row in rows if row["key"] in there],
    )
