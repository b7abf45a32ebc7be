"""the text index knows what filters ask for beside words: year, government, role, mode, level, kind

Revision: 0038, after 0037.  PostgreSQL's is written anew, with the grams beside the rows that an index
finds, so that many of these are on few pages.
"""

from collections import Counter, defaultdict

import sqlalchemy as sa
from alembic import op

from app.db.columns import CodePointText
from migrations.constraints import forbid_null
from migrations.shapes import fits, fits_no_longer

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

GRAM = sa.table("search_gram", sa.column("gram"), sa.column("entries"))
PREFIXES = {  # of grams, by resource
    "plan": "p2",
    "section": "s2",
    "task": "t2",
    "target": "g2",
    "agency": "a2",
    "platform": "f2",
    "jurisdiction": "j2",
}
PRIVATE = {c: 0xE000 + c for c in range(0x20, 0x7F) if not chr(c).isalnum()}
ENTRIES = "SELECT number, resource, id FROM search_entry WHERE plan_id = :plan"
PLANS = "SELECT plan.id, region.path FROM plan JOIN region ON region.code = plan.jurisdiction_code"
YEARS = "SELECT year FROM plan_year WHERE plan_id = :plan"
HAS_TARGETS = "EXISTS (SELECT 1 FROM target k WHERE k.task_id = t.id AND k.withdrawn_at IS NULL)"
ASSIGNED = "a.role || ' ' || g.kind FROM assignment a JOIN agency g ON g.id = a.agency_id"
# What rows of a plan have by a name: the resource, the name, the row's id and the values.
MARKS = [
    ("task", "level", "t.id, t.level FROM task t"),
    ("task", "leaf", "t.id, CASE WHEN is_leaf THEN 'true' ELSE 'false' END FROM task t"),
    ("task", "has_targets", f"t.id, CASE WHEN {HAS_TARGETS} THEN 'true' ELSE 'false' END FROM task t"),
    ("task", "assignment", f"t.id, {ASSIGNED} JOIN task t ON t.id = a.task_id"),
    ("task", "mention", "t.id, m.mode FROM mention m JOIN task t ON t.id = m.task_id"),
    ("target", "assignment", f"t.id, {ASSIGNED} JOIN target t ON t.task_id = a.task_id"),
    *(
        ("target", name, f"t.id, {name} FROM target t")
        for name in ("kind", "comparator", "strength", "recurrence")
    ),
]  # fmt: skip
# Of agencies, platforms and governments, which have no plan of their own.
YEARS_OF_OTHERS = {
    "agency": """
        SELECT DISTINCT a.agency_id, y.year FROM assignment a JOIN task t ON t.id = a.task_id
        JOIN plan_year y ON y.plan_id = t.plan_id WHERE t.withdrawn_at IS NULL
    """,
    "platform": """
        SELECT DISTINCT m.platform_id, y.year FROM mention m JOIN plan_year y ON y.plan_id = m.plan_id
        WHERE m.task_id IS NOT NULL
    """,
    "jurisdiction": """
        SELECT DISTINCT p.jurisdiction_code, y.year FROM plan p JOIN plan_year y ON y.plan_id = p.id
    """,
}
PATHS_OF_OTHERS = {
    "agency": "SELECT a.id, r.path FROM agency a JOIN region r ON r.code = a.jurisdiction_code",
    "jurisdiction": "SELECT r.code, r.path FROM jurisdiction j JOIN region r ON r.code = j.id",
}
OTHERS = "SELECT number, resource, id FROM search_entry WHERE plan_id IS NULL"
MARK = sa.text("UPDATE search_entry SET marks = :marks WHERE number = :number")
ADD = sa.text(
    "INSERT INTO search_index (rowid, grams) VALUES (:number, :grams)"
)  # beside the words
REMOVE = sa.text(
    "INSERT INTO search_index (search_index, rowid, grams) VALUES ('delete', :number, :grams)"
)
WHEN = " ".join(f"WHEN '{resource}' THEN '{prefix}'" for resource, prefix in PREFIXES.items())
PREFIX = f"CASE e.resource {WHEN} END"
AS_ARRAY = f"""string_to_array(
    translate({PREFIX} || replace(e.marks, ',', ',' || {PREFIX}), :ascii, :private), ','
)"""
OTHER_ASCII = "".join(chr(c) for c in PRIVATE if chr(c) != ",")
AS_PRIVATE = OTHER_ASCII.translate(PRIVATE)


def upgrade() -> None:
    connection = op.get_bind()
    op.add_column("search_entry", sa.Column("marks", CodePointText, nullable=True))
    counted: Counter[str] = Counter()
    plans = connection.execute(sa.text(PLANS)).all()
    for plan_id, path in plans:
        _store(connection, _of_plan(connection, plan_id, path), counted)
    _store(connection, _of_others(connection), counted)
    op.execute("UPDATE search_entry SET marks = '' WHERE marks IS NULL")
    # A loader that does not know the column is refused, since totals would be wrong.
    forbid_null("search_entry", "marks")
    if counted:
        rows = [{"gram": gram, "entries": number} for gram, number in sorted(counted.items())]
        connection.execute(GRAM.insert(), rows)
    if connection.dialect.name == "postgresql":
        _write_anew(connection)
    if plans:  # else a load leaves statistics
        op.execute("ANALYZE search_entry")
    fits(revision)


def _of_plan(connection: sa.Connection, plan_id: str, path: str) -> list[dict[str, str]]:
    """The entries of a plan with their marks, and with these as grams."""
    plan = {"plan": plan_id}
    of_plan = _of_path(path)
    of_plan |= {f"year {year}" for year in connection.scalars(sa.text(YEARS), plan)}
    found: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for resource, name, statement in MARKS:
        rows = sa.text(f"SELECT {statement} WHERE t.plan_id = :plan")
        for id_, value in connection.execute(rows, plan):
            if value is not None:
                found[resource, id_].add(f"{name} {value}")
    entries = connection.execute(sa.text(ENTRIES), plan)
    return [_entry(*one, of_plan | found[one.resource, one.id]) for one in entries]


def _of_others(connection: sa.Connection) -> list[dict[str, str]]:
    """The same of all that have no plan."""
    found: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for resource, statement in YEARS_OF_OTHERS.items():
        for id_, year in connection.execute(sa.text(statement)):
            found[resource, id_].add(f"year {year}")
    for resource, statement in PATHS_OF_OTHERS.items():
        for id_, path in connection.execute(sa.text(statement)):
            found[resource, id_] |= _of_path(path)
    entries = connection.execute(sa.text(OTHERS))
    return [_entry(*one, found[one.resource, one.id]) for one in entries]


def _of_path(path: str) -> set[str]:
    codes = path.split("/")
    return {f"jurisdiction {codes[-1]}", *(f"within {code}" for code in codes)}


def _entry(number: str, resource: str, _: str, marks: set[str]) -> dict[str, str]:
    grams = " ".join(PREFIXES[resource] + one.translate(PRIVATE) for one in sorted(marks))
    return {"number": number, "marks": ",".join(sorted(marks)), "grams": grams}


def _store(connection: sa.Connection, entries: list[dict[str, str]], counted: Counter[str]) -> None:
    marked = [one for one in entries if one["marks"]]
    if not marked:
        return
    connection.execute(MARK, marked)
    if connection.dialect.name == "sqlite":
        connection.execute(ADD, marked)
    for one in marked:
        counted.update(one["grams"].split())


def _write_anew(connection: sa.Connection) -> None:
    op.execute(
        "CREATE TABLE search_index_anew (rowid INTEGER PRIMARY KEY, grams tsvector NOT NULL)"
        " WITH (toast_tuple_target = 128)"
    )
    marked = f"coalesce(array_to_tsvector({AS_ARRAY}), '')"
    connection.execute(
        sa.text(
            f"INSERT INTO search_index_anew SELECT i.rowid, i.grams || {marked}"  # noqa: S608 - our own words
            " FROM search_index i JOIN search_entry e ON e.number = i.rowid ORDER BY i.rowid"
        ),
        {"ascii": OTHER_ASCII, "private": AS_PRIVATE},
    )
    op.execute("DROP TABLE search_index")
    op.execute("ALTER TABLE search_index_anew RENAME TO search_index")
    op.execute("ALTER INDEX search_index_anew_pkey RENAME TO search_index_pkey")
    op.execute(
        "CREATE INDEX ix_search_index_grams ON search_index"
        " USING gin (grams) WITH (fastupdate = off)"
    )
    op.execute("ANALYZE search_index")


def downgrade() -> None:
    connection = op.get_bind()
    fits_no_longer(revision)
    if connection.dialect.name == "postgresql":
        connection.execute(
            sa.text(
                f"UPDATE search_index SET grams = ts_delete(grams, {AS_ARRAY})"  # noqa: S608 - our own words
                " FROM search_entry e WHERE e.number = rowid AND e.marks != ''"
            ),
            {"ascii": OTHER_ASCII, "private": AS_PRIVATE},
        )
    else:
        marked = "SELECT number, resource, marks FROM search_entry WHERE marks != ''"
        removed = [
            {
                "number": number,
                "grams": " ".join(
                    PREFIXES[resource] + one.translate(PRIVATE) for one in marks.split(",")
                ),
            }
            for number, resource, marks in connection.execute(sa.text(marked))
        ]
        if removed:
            connection.execute(REMOVE, removed)
    op.execute("DELETE FROM search_gram WHERE substr(gram, 2, 1) = '2'")
    op.drop_column("search_entry", "marks")
