"""error reports of readers, and their resolution

Revision: 0027, after 0026
"""

import sqlalchemy as sa
from alembic import op

from app.db.columns import CodePointText, Instant

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

RECORDED = (
    "id", "plan_id", "ordinal", "about_resource", "about_id", "about_title", "about_url", "words",
    "span_start", "span_end", "message", "received_on", "outcome", "answer", "recorded_at",
)  # fmt: skip


def only_added(table: str, recorded: tuple[str, ...]) -> None:
    """Refuse to change these columns of a table, and to delete its rows."""
    columns = ", ".join(recorded)
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


def about() -> list[sa.Column[object]]:
    """What both tables have."""
    return [
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("plan_id", CodePointText, nullable=True),
        sa.Column("about_resource", CodePointText, nullable=False),
        sa.Column("about_id", CodePointText, nullable=False),
        sa.Column("about_title", CodePointText, nullable=False),
        sa.Column("about_url", CodePointText, nullable=False),
        sa.Column("words", CodePointText, nullable=True),
        sa.Column("span_start", sa.Integer(), nullable=True),
        sa.Column("span_end", sa.Integer(), nullable=True),
    ]


def constraints(table: str) -> list[sa.Constraint]:
    return [
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f(f"fk_{table}_plan_id_plan")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("ordinal", name=op.f(f"uq_{table}_ordinal")),
    ]


def upgrade() -> None:
    outcome = sa.Enum(
        "corrected", "explained", "rejected",
        name="erroroutcome", native_enum=False, create_constraint=True, length=40,
    )  # fmt: skip
    op.create_table(
        "received_error",
        sa.Column("id", CodePointText, nullable=False),
        *about(),
        sa.Column("jurisdiction_code", CodePointText, nullable=True),
        sa.Column("message", CodePointText, nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        *constraints("received_error"),
        sa.ForeignKeyConstraint(
            ["jurisdiction_code"],
            ["region.code"],
            name=op.f("fk_received_error_jurisdiction_code_region"),
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "error_report",
        *about(),
        sa.Column("message", CodePointText, nullable=True),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("outcome", outcome, nullable=False),
        sa.Column("answer", CodePointText, nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("id", CodePointText, nullable=False),
        sa.Column("document", CodePointText, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("withdrawn_at", Instant(), nullable=True),
        *constraints("error_report"),
        sqlite_strict=True,
    )
    op.create_index("ix_received_error_plan_id", "received_error", ["plan_id"])
    for column in ("plan_id", "about_id"):
        op.create_index(f"ix_error_report_{column}", "error_report", [column])
    for column in ("recorded_at", "changed_at"):
        name = f"ix_error_report_{column}_error_report_id"
        op.create_index(name, "error_report", [column, "id"])
    only_added("error_report", RECORDED)


def downgrade() -> None:
    op.drop_table("error_report")
    op.drop_table("received_error")
