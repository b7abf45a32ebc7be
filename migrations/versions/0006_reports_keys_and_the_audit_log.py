"""reports, the keys of those who write them, and the audit log

Facts and audit lines are only added: triggers refuse to change what a fact says, and to delete it.

Revision: 0006, after 0005
"""

import sqlalchemy as sa
from alembic import op

from app.db.columns import CodePointText, Instant, Json

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SAID = {
    "report": (
        "id", "plan_id", "task_id", "ordinal", "agency_id", "role", "as_of", "status", "summary",
        "reason", "replaces_id", "evidence", "recorded_at",
    ),
    "withdrawal": ("resource", "id", "reason", "withdrawn_at"),
    "audit_line": ("seq", "line", "hash"),
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
    op.add_column("task", sa.Column("reported_on", sa.Date(), nullable=True))
    op.create_table(
        "api_key",
        sa.Column("id", CodePointText, nullable=False),
        sa.Column("digest", CodePointText, nullable=False),
        sa.Column(
            "role",
            _choice("keyrole", "reporter", "coordinator", "assessor", "admin"),
            nullable=False,
        ),
        sa.Column("agency_id", CodePointText, nullable=True),
        sa.Column("holder", CodePointText, nullable=False),
        sa.Column("issued_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.Column("last_used_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_api_key_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sqlite_strict=True,
    )
    op.create_table(
        "delegation",
        sa.Column("collective_id", CodePointText, nullable=False),
        sa.Column("agency_id", CodePointText, nullable=False),
        sa.Column("granted_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["collective_id"], ["agency.id"], name=op.f("fk_delegation_collective_id_agency")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_delegation_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("collective_id", "agency_id", name=op.f("pk_delegation")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_delegation_agency_id"), "delegation", ["agency_id"])
    op.create_table(
        "idempotent_answer",
        sa.Column("key_id", CodePointText, nullable=False),
        sa.Column("idempotency_key", CodePointText, nullable=False),
        sa.Column("fingerprint", CodePointText, nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", Json, nullable=False),
        sa.Column("body", CodePointText, nullable=False),
        sa.ForeignKeyConstraint(
            ["key_id"], ["api_key.id"], name=op.f("fk_idempotent_answer_key_id_api_key")
        ),
        sa.PrimaryKeyConstraint("key_id", "idempotency_key", name=op.f("pk_idempotent_answer")),
        sqlite_strict=True,
    )
    op.create_table(
        "audit_line",
        sa.Column("seq", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("line", CodePointText, nullable=False),
        sa.Column("hash", CodePointText, nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_line")),
        sqlite_strict=True,
    )
    op.create_table(
        "withdrawal",
        sa.Column("resource", CodePointText, nullable=False),
        sa.Column("id", CodePointText, nullable=False),
        sa.Column("reason", CodePointText, nullable=False),
        sa.Column("withdrawn_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("resource", "id", name=op.f("pk_withdrawal")),
        sqlite_strict=True,
    )
    op.create_table(
        "report",
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
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("agency_id", CodePointText, nullable=False),
        sa.Column(
            "role", _choice("role", "lead", "responsible", "support", "guide"), nullable=False
        ),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column(
            "status",
            _choice("reportedstatus", "not_started", "on_track", "at_risk", "delayed", "completed"),
            nullable=False,
        ),
        sa.Column("summary", CodePointText, nullable=False),
        sa.Column("reason", CodePointText, nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_report_agency_id_agency")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_report_plan_id_plan")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_report_task_id_task")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_report_replaces_id")),
        sa.UniqueConstraint("task_id", "ordinal", name=op.f("uq_report_task_id_ordinal")),
        sqlite_strict=True,
    )
    for columns in (
        ["agency_id"],
        ["plan_id"],
        ["as_of", "id"],
        ["changed_at", "id"],
        ["recorded_at", "id"],
    ):
        first, *rest = columns
        name = "_".join([f"ix_report_{first}", *(f"report_{column}" for column in rest)])
        op.create_index(name, "report", columns)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'rows of % are only added', TG_TABLE_NAME; END $$"
        )
    for table, said in SAID.items():
        only_added(table, said)


def downgrade() -> None:
    for table in (
        "report",
        "withdrawal",
        "audit_line",
        "idempotent_answer",
        "delegation",
        "api_key",
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change()")
    op.drop_column("task", "reported_on")
