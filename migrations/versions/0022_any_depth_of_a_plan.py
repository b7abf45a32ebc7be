"""four levels, several clauses, rules, nullable sections and dates, baselines, recurrence, modes

A database of 0.5.0 has one clause a task and whole dates; what it knows is carried over, and
loading its notices again fills in what only the text says (`inherited`, how firmly).

Revision: 0022, after 0021
"""

import re
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from app.db.columns import CodePointText, Figure, Json
from migrations.constraints import add_check, allow_null, drop_check, forbid_null, set_choices
from migrations.shapes import demand_rebuild

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

CHOICE = sa.Enum(native_enum=False, create_constraint=False, length=40)  # values: CHECKs below
LEVELS = ("item", "subitem", "measure", "point")
KINDS = (
    "platform", "initiative", "credential", "institution", "system", "database", "model", "scheme",
)  # fmt: skip
COMPARATORS = ("eq", "gt", "gte", "lt", "lte", "between", "about")
RECURRENCES = ("yearly", "half_yearly", "quarterly", "monthly")
BASES = ("stated", "inherited", "plan_end")
STRENGTH = (
    "CASE WHEN statement LIKE '%原则上%' THEN 'principle' WHEN statement LIKE '%力争%' OR"
    " statement LIKE '%努力%' OR statement LIKE '%争取%' THEN 'aim' ELSE 'firm' END"
)
LAST = "coalesce(due_on, '9999-12-31')"
LAST_REVERSED = "coalesce(due_on, '0001-01-01')"


def upgrade() -> None:
    _sections()
    _assignments()
    _tasks()
    _targets()
    _choose("platform", "kind", "platformkind", KINDS)
    _add("mention", "mode", CHOICE, "'mentions'")
    set_choices("mention", "mode", "mentionmode", ("builds", "upgrades", "uses", "mentions"))
    demand_rebuild()


def _choose(table: str, column: str, name: str, values: Sequence[str]) -> None:
    """Let a column hold other values than before."""
    drop_check(table, name)
    set_choices(table, column, name, values)


def _add(table: str, name: str, type_: object, value: str) -> None:
    """Add a column that is not null, filled with a value."""
    op.add_column(table, sa.Column(name, type_, nullable=True))  # type: ignore[arg-type]
    op.execute(f'UPDATE "{table}" SET {name} = {value}')  # noqa: S608 - our own words
    forbid_null(table, name)


def _sections() -> None:
    op.drop_index("ix_section_heading_section_id", "section")
    op.alter_column("section", "heading", new_column_name="title")
    op.create_index("ix_section_title_section_id", "section", ["title", "id"])
    _add("section", "code", CodePointText, "CAST(ordinal AS TEXT)")
    allow_null("section", "label")


def _assignments() -> None:
    """The key becomes the position, since an agency may have a role by several clauses."""
    old = sa.table(
        "assignment", *map(sa.column, ("task_id", "position", "agency_id", "role", "as_written"))
    )
    connection = op.get_bind()
    rows = [dict(row) for row in connection.execute(sa.select(old)).mappings()]
    op.drop_table("assignment")
    _create_assignment(
        ["task_id", "position"],
        sa.Column("clause", sa.Integer(), nullable=True),
        sa.Column("rule_start", sa.Integer(), nullable=True),
        sa.Column("rule_end", sa.Integer(), nullable=True),
    )
    new = sa.table("assignment", *map(sa.column, (*old.c.keys(), "clause")))
    if rows:
        connection.execute(new.insert(), [{**row, "clause": 0} for row in rows])


def _create_assignment(key: list[str], *more: sa.Column[int]) -> None:
    op.create_table(
        "assignment",
        sa.Column("task_id", CodePointText, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("agency_id", CodePointText, nullable=False),
        sa.Column("role", CHOICE, nullable=False),
        sa.Column("as_written", CodePointText, nullable=False),
        *more,
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_assignment_agency_id_agency")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_assignment_task_id_task")),
        sa.PrimaryKeyConstraint(*key, name=op.f("pk_assignment")),
        sa.CheckConstraint(
            "role IN ('lead', 'responsible', 'support', 'guide')", name=op.f("ck_assignment_role")
        ),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_assignment_agency_id"), "assignment", ["agency_id"])


def _tasks() -> None:
    op.drop_index("ix_task_item_number_task_sub_number_task_id", "task")
    drop_check("task", "sub_number")
    _choose("task", "level", "tasklevel", LEVELS)
    allow_null("task", "section_id", "label")
    _add(
        "task",
        "ordinal",
        sa.Integer(),
        "CASE sub_number WHEN 0 THEN item_number ELSE sub_number END",
    )
    _add("task", "code_key", CodePointText, "''")
    _add("task", "assignment_clauses", Json, "'[]'")
    connection = op.get_bind()
    task = sa.table(
        "task", sa.column("id"), sa.column("code"), sa.column("code_key"), sa.column("title"),
        sa.column("span_start"), sa.column("span_end"), sa.column("plan_id"),
        sa.column("assignment_clause"), sa.column("assignment_clauses", Json),
    )  # fmt: skip
    plan = sa.table("plan", sa.column("id"), sa.column("text"))
    texts = {row.id: row.text for row in connection.execute(sa.select(plan))}
    for row in connection.execute(sa.select(task)).all():
        values = {
            "code_key": _code_key(row.code),
            "assignment_clauses": _clauses(texts[row.plan_id], row),
        }
        connection.execute(task.update().where(task.c.id == row.id).values(**values))
    for name in ("item_number", "sub_number", "assignment_clause"):
        op.drop_column("task", name)
    op.create_index("ix_task_code_key_task_id", "task", ["code_key", "id"])
    op.create_index("ix_task_due_on_reversed", "task", [sa.text(LAST_REVERSED), "id"])


def _code_key(code: str) -> str:
    """Each number behind the number of its digits, so that text sorts as numbers do."""
    return re.sub(r"\d+", lambda number: f"{len(number[0]):02}{number[0]}", code)


def _clauses(text: str, task: sa.Row) -> list[dict[str, object]]:
    """The one clause of a task, in the last bracket of its words; it covers them from the title on."""
    clause = task.assignment_clause
    if clause is None:
        return []
    start = text.rindex(f"（{clause}）", task.span_start, task.span_end) + 1
    title = text.index(task.title, task.span_start)
    return [
        {
            "text": clause,
            "span": {"start": start, "end": start + len(clause)},
            "covers": {"start": title, "end": start - 1},
        }
    ]


def _targets() -> None:
    op.drop_index("ix_target_due_on_target_id", "target")
    _choose("target", "comparator", "comparator", COMPARATORS)
    drop_check("target", "duebasis")
    allow_null("target", "section_id", "due_on", "due_basis")
    op.execute("UPDATE target SET due_basis = 'plan_end' WHERE due_basis = 'plan_year'")
    op.add_column("target", sa.Column("baseline", Figure(), nullable=True))
    op.add_column("target", sa.Column("baseline_on", sa.Date(), nullable=True))
    op.add_column("target", sa.Column("recurrence", CHOICE, nullable=True))
    _add("target", "strength", CHOICE, STRENGTH)
    _add("target", "recurs_on", Json, "'[]'")
    set_choices("target", "due_basis", "duebasis", BASES)
    add_check("target", "due", "(due_on IS NULL) = (due_basis IS NULL)")
    set_choices("target", "strength", "strength", ("firm", "aim", "principle"))
    set_choices("target", "recurrence", "recurrence", RECURRENCES)
    op.create_index("ix_target_due_on", "target", [sa.text(LAST), "id"])
    op.create_index("ix_target_due_on_reversed", "target", [sa.text(LAST_REVERSED), "id"])


def downgrade() -> None:
    """For a database in which nothing is stored that 0.5.0 had no place for."""
    op.drop_index("ix_target_due_on", "target")
    op.drop_index("ix_target_due_on_reversed", "target")
    for name in ("duebasis", "due", "strength", "recurrence"):
        drop_check("target", name)
    _choose("target", "comparator", "comparator", COMPARATORS[:-1])
    forbid_null("target", "section_id", "due_on", "due_basis")
    op.execute("UPDATE target SET due_basis = 'plan_year' WHERE due_basis = 'plan_end'")
    op.execute("UPDATE target SET due_basis = 'stated' WHERE due_basis = 'inherited'")
    set_choices("target", "due_basis", "duebasis", ("stated", "plan_year"))
    for name in ("baseline", "baseline_on", "recurrence", "strength", "recurs_on"):
        op.drop_column("target", name)
    op.create_index("ix_target_due_on_target_id", "target", ["due_on", "id"])
    drop_check("mention", "mentionmode")
    op.drop_column("mention", "mode")
    op.execute("UPDATE platform SET kind = 'institution' WHERE kind = 'scheme'")
    op.execute(
        "UPDATE platform SET kind = 'platform' WHERE kind IN ('system', 'database', 'model')"
    )
    _choose("platform", "kind", "platformkind", KINDS[:4])
    _undo_tasks()
    op.drop_index("ix_section_title_section_id", "section")
    op.alter_column("section", "title", new_column_name="heading")
    op.create_index("ix_section_heading_section_id", "section", ["heading", "id"])
    op.drop_column("section", "code")
    forbid_null("section", "label")


def _undo_tasks() -> None:
    connection = op.get_bind()
    names = ("task_id", "position", "agency_id", "role", "as_written")
    table = sa.table("assignment", *map(sa.column, names))
    rows = [dict(row) for row in connection.execute(sa.select(table)).mappings()]
    op.drop_table("assignment")
    _create_assignment(["task_id", "agency_id", "role"])
    if rows:
        connection.execute(table.insert(), rows)
    op.drop_index("ix_task_code_key_task_id", "task")
    op.drop_index("ix_task_due_on_reversed", "task")
    op.add_column("task", sa.Column("assignment_clause", CodePointText, nullable=True))
    task = sa.table(
        "task", sa.column("id"), sa.column("code"), sa.column("assignment_clause"),
        sa.column("assignment_clauses", Json), sa.column("item_number"), sa.column("sub_number"),
    )  # fmt: skip
    for name in ("item_number", "sub_number"):
        _add("task", name, sa.Integer(), "0")
    for row in connection.execute(sa.select(task)).all():
        item, _, sub_item = row.code.partition(".")
        clause = row.assignment_clauses[0]["text"] if row.assignment_clauses else None
        values = {
            "item_number": int(item),
            "sub_number": int(sub_item or 0),
            "assignment_clause": clause,
        }
        connection.execute(task.update().where(task.c.id == row.id).values(**values))
    for name in ("ordinal", "code_key", "assignment_clauses"):
        op.drop_column("task", name)
    add_check("task", "sub_number", "(sub_number = 0) = (level = 'item')")
    _choose("task", "level", "tasklevel", LEVELS[:2])
    forbid_null("task", "section_id", "label")
    op.create_index(
        "ix_task_item_number_task_sub_number_task_id", "task", ["item_number", "sub_number", "id"]
    )
