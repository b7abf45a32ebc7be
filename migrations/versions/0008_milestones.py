"""milestones, and what becomes of them

Revision: 0008, after 0007
"""

import sqlalchemy as sa
from alembic import op

from app.db.columns import CodePointText, Instant

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

SAID = {
    "milestone": (
        "id", "plan_id", "task_id", "ordinal", "agency_id", "title", "first_due_on", "recorded_at",
    ),
    "milestone_change": ("milestone_id", "number", "kind", "day", "reason", "recorded_at"),
}  # fmt: skip


def _choice(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def only_added(table: str, said: tuple[str, ...]) -> None:
    """Refuse to change these columns of a table, and to delete its rows."""
    columns = ", ".join(said)
    message = f"rows of {table} are only added"
    if op.get_bind().dialect.name == "sqlite":
        for what, name in ((f"UPDATE OF {columns}", "changed"), ("DELETE", "deleted")):
            op.execute(
                f"CREATE TRIGGER {table}_is_not_{name} BEFORE {what} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            )
    else:
        op.execute(
            f"CREATE TRIGGER {table}_is_only_added BEFORE UPDATE OF {columns} OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_is_not_emptied BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def upgrade() -> None:
    op.create_table(
        "milestone",
        sa.Column("id", CodePointText, nullable=False),
        sa.Column("document", CodePointText, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("withdrawn_at", Instant(), nullable=True),
        sa.Column("plan_id", CodePointText, nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("task_id", CodePointText, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("agency_id", CodePointText, nullable=False),
        sa.Column("title", CodePointText, nullable=False),
        sa.Column("first_due_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column(
            "status", _choice("milestonestatus", "planned", "done", "dropped"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_milestone_agency_id_agency")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_milestone_plan_id_plan")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_milestone_task_id_task")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestone")),
        sa.UniqueConstraint("task_id", "ordinal", name=op.f("uq_milestone_task_id_ordinal")),
        sqlite_strict=True,
    )
    for columns in (
        ["agency_id"],
        ["plan_id"],
        ["due_on", "id"],
        ["changed_at", "id"],
        ["recorded_at", "id"],
    ):
        first, *rest = columns
        name = "_".join([f"ix_milestone_{first}", *(f"milestone_{column}" for column in rest)])
        op.create_index(name, "milestone", columns)
    op.create_table(
        "milestone_change",
        sa.Column("milestone_id", CodePointText, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "kind", _choice("milestonechangekind", "done", "moved", "dropped"), nullable=False
        ),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("reason", CodePointText, nullable=True),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["milestone_id"],
            ["milestone.id"],
            name=op.f("fk_milestone_change_milestone_id_milestone"),
        ),
        sa.PrimaryKeyConstraint("milestone_id", "number", name=op.f("pk_milestone_change")),
        sqlite_strict=True,
    )
    for table, said in SAID.items():
        only_added(table, said)


def downgrade() -> None:
    op.drop_table("milestone_change")
    op.drop_table("milestone")
