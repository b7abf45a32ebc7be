"""assessments and bulletins

Revision: 0009, after 0008
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from app.db.columns import CodePointText, Figure, Instant, Json

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

SAID = {
    "assessment": (
        "id", "plan_id", "ordinal", "agency_id", "region_code", "period_from", "period_to",
        "grade", "score", "score_maximum", "findings", "method", "assessor", "key_id",
        "replaces_id", "evidence", "recorded_at",
    ),
    "bulletin": (
        "id", "plan_id", "ordinal", "title", "body", "published_on", "refers_to", "replaces_id",
        "evidence", "recorded_at",
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


def fact_columns() -> list[sa.Column[Any]]:
    """What every fact has."""
    states = ("in_force", "replaced", "withdrawn")
    return [
        sa.Column("id", CodePointText, nullable=False),
        sa.Column("document", CodePointText, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("withdrawn_at", Instant(), nullable=True),
        sa.Column("plan_id", CodePointText, nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("state", _choice("factstate", *states), nullable=False),
        sa.Column("replaces_id", CodePointText, nullable=True),
        sa.Column("evidence", Json, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
    ]


def fact_constraints(table: str) -> list[sa.Constraint]:
    """What holds of every fact."""
    return [
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f(f"fk_{table}_plan_id_plan")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("plan_id", "ordinal", name=op.f(f"uq_{table}_plan_id_ordinal")),
        sa.UniqueConstraint("replaces_id", name=op.f(f"uq_{table}_replaces_id")),
    ]


def upgrade() -> None:
    op.create_table(
        "assessment",
        *fact_columns(),
        sa.Column("agency_id", CodePointText, nullable=True),
        sa.Column("region_code", CodePointText, nullable=True),
        sa.Column("period_from", sa.Date(), nullable=False),
        sa.Column("period_to", sa.Date(), nullable=False),
        sa.Column("grade", CodePointText, nullable=True),
        sa.Column("score", Figure(), nullable=True),
        sa.Column("score_maximum", Figure(), nullable=True),
        sa.Column("findings", CodePointText, nullable=False),
        sa.Column("method", CodePointText, nullable=False),
        sa.Column("assessor", CodePointText, nullable=False),
        sa.Column("key_id", CodePointText, nullable=False),
        sa.CheckConstraint(
            "(agency_id IS NULL) <> (region_code IS NULL)", name=op.f("ck_assessment_subject")
        ),
        sa.CheckConstraint("period_from <= period_to", name=op.f("ck_assessment_period")),
        sa.CheckConstraint(
            "(score IS NULL) = (score_maximum IS NULL)", name=op.f("ck_assessment_score")
        ),
        sa.CheckConstraint(
            "grade IS NOT NULL OR score IS NOT NULL", name=op.f("ck_assessment_result")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_assessment_agency_id_agency")
        ),
        sa.ForeignKeyConstraint(
            ["region_code"], ["region.code"], name=op.f("fk_assessment_region_code_region")
        ),
        sa.ForeignKeyConstraint(
            ["key_id"], ["api_key.id"], name=op.f("fk_assessment_key_id_api_key")
        ),
        *fact_constraints("assessment"),
        sqlite_strict=True,
    )
    op.create_table(
        "bulletin",
        *fact_columns(),
        sa.Column("title", CodePointText, nullable=False),
        sa.Column("body", CodePointText, nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("refers_to", Json, nullable=False),
        *fact_constraints("bulletin"),
        sqlite_strict=True,
    )
    for table, columns in (
        ("assessment", ["agency_id"]),
        ("assessment", ["region_code"]),
        ("assessment", ["plan_id"]),
        ("assessment", ["period_to", "id"]),
        ("assessment", ["changed_at", "id"]),
        ("assessment", ["recorded_at", "id"]),
        ("bulletin", ["plan_id"]),
        ("bulletin", ["published_on", "id"]),
        ("bulletin", ["changed_at", "id"]),
        ("bulletin", ["recorded_at", "id"]),
    ):
        first, *rest = columns
        name = "_".join([f"ix_{table}_{first}", *(f"{table}_{column}" for column in rest)])
        op.create_index(name, table, columns)
    for table, said in SAID.items():
        only_added(table, said)


def downgrade() -> None:
    op.drop_table("bulletin")
    op.drop_table("assessment")
