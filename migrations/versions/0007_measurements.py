"""measurements, and what targets show of them

Revision: 0007, after 0006
"""

import sqlalchemy as sa
from alembic import op

from app.db.columns import CodePointText, Figure, Instant, Json

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SAID = {
    "measurement": (
        "id", "plan_id", "task_id", "target_id", "ordinal", "agency_id", "role", "as_of", "value",
        "unit", "method", "replaces_id", "evidence", "recorded_at",
    ),
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
    op.add_column("target", sa.Column("latest_value", Figure(), nullable=True))
    op.add_column("target", sa.Column("measured_on", sa.Date(), nullable=True))
    op.create_table(
        "measurement",
        sa.Column("id", CodePointText, nullable=False),
        sa.Column("document", CodePointText, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("withdrawn_at", Instant(), nullable=True),
        sa.Column(
            "state", _choice("factstate", "in_force", "replaced", "withdrawn"), nullable=False
        ),
        sa.Column("replaces_id", CodePointText, nullable=True),
        sa.Column("evidence", Json, nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("plan_id", CodePointText, nullable=False),
        sa.Column("task_id", CodePointText, nullable=False),
        sa.Column("target_id", CodePointText, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("agency_id", CodePointText, nullable=False),
        sa.Column(
            "role", _choice("role", "lead", "responsible", "support", "guide"), nullable=False
        ),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("value", Figure(), nullable=False),
        sa.Column("unit", CodePointText, nullable=True),
        sa.Column("method", CodePointText, nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_measurement_agency_id_agency")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_measurement_plan_id_plan")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_measurement_task_id_task")),
        sa.ForeignKeyConstraint(
            ["target_id"], ["target.id"], name=op.f("fk_measurement_target_id_target")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measurement")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_measurement_replaces_id")),
        sa.UniqueConstraint("target_id", "ordinal", name=op.f("uq_measurement_target_id_ordinal")),
        sqlite_strict=True,
    )
    for columns in (
        ["agency_id"], ["plan_id"], ["task_id"], ["as_of", "id"], ["changed_at", "id"], ["recorded_at", "id"],
    ):  # fmt: skip
        first, *rest = columns
        name = "_".join([f"ix_measurement_{first}", *(f"measurement_{column}" for column in rest)])
        op.create_index(name, "measurement", columns)
    for table, said in SAID.items():
        only_added(table, said)


def downgrade() -> None:
    op.drop_table("measurement")
    op.drop_column("target", "measured_on")
    op.drop_column("target", "latest_value")
