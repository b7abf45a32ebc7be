"""comparisons of plans, the links of lineages, and what a person decided about them

Revision: 0024, after 0023
"""

import sqlalchemy as sa
from alembic import op

from app.db.columns import CodePointText, Figure

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

RELATIONS = ("continued", "extended", "narrowed", "split", "merged")


def _enum(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.create_table(
        "comparison",
        sa.Column("later_id", CodePointText, nullable=False),
        sa.Column("earlier_id", CodePointText, nullable=False),
        sa.Column("document", CodePointText, nullable=False),
        sa.Column("is_lineage", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["earlier_id"], ["plan.id"], name=op.f("fk_comparison_earlier_id_plan")
        ),
        sa.ForeignKeyConstraint(
            ["later_id"], ["plan.id"], name=op.f("fk_comparison_later_id_plan")
        ),
        sa.PrimaryKeyConstraint("later_id", "earlier_id", name=op.f("pk_comparison")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_comparison_earlier_id"), "comparison", ["earlier_id"])
    op.create_table(
        "lineage_link",
        sa.Column("later_id", CodePointText, nullable=False),
        sa.Column("earlier_id", CodePointText, nullable=False),
        sa.Column("later_plan_id", CodePointText, nullable=False),
        sa.Column("earlier_plan_id", CodePointText, nullable=False),
        sa.Column("relation", _enum("lineagerelation", RELATIONS), nullable=True),
        sa.Column("similarity", Figure(), nullable=False),
        sa.Column("basis", _enum("lineagebasis", ("stated", "computed")), nullable=False),
        sa.ForeignKeyConstraint(
            ["later_plan_id", "earlier_plan_id"],
            ["comparison.later_id", "comparison.earlier_id"],
            name="fk_lineage_link_comparison",
        ),
        sa.PrimaryKeyConstraint("later_id", "earlier_id", name=op.f("pk_lineage_link")),
        sqlite_strict=True,
    )
    for column in ("earlier_id", "later_plan_id", "earlier_plan_id"):
        op.create_index(op.f(f"ix_lineage_link_{column}"), "lineage_link", [column])
    op.create_table(
        "lineage_decision",
        sa.Column("plan_id", CodePointText, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("earlier_plan_id", CodePointText, nullable=False),
        sa.Column("task_id", CodePointText, nullable=True),
        sa.Column("continues_id", CodePointText, nullable=True),
        sa.Column("relation", _enum("lineagerelation", RELATIONS), nullable=True),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plan.id"], name=op.f("fk_lineage_decision_plan_id_plan")
        ),
        sa.PrimaryKeyConstraint("plan_id", "position", name=op.f("pk_lineage_decision")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_lineage_decision_earlier_plan_id"), "lineage_decision", ["earlier_plan_id"]
    )


def downgrade() -> None:
    for table in ("lineage_link", "comparison", "lineage_decision"):
        op.drop_table(table)
