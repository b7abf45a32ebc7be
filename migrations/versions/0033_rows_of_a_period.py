"""sections, tasks and targets know the period of their plan, by which they are read in any order

Revision: 0033, after 0032
"""

import sqlalchemy as sa
from alembic import op

from app.db.columns import CodePointText
from migrations.constraints import forbid_null
from migrations.shapes import fits, fits_no_longer

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

DUE = {
    "due_on": ["coalesce(due_on, '9999-12-31')"],
    "due_on_reversed": ["coalesce(due_on, '0001-01-01')"],
}
ORDERS: dict[str, dict[str, list[str]]] = {
    "section": {"notice": ["plan_id", "ordinal"], "title": ["title"]},
    "task": {
        "notice": ["plan_id", "span_start"],
        "code": ["code_key"],
        "title": ["title"],
        **DUE,
    },
    "target": {"notice": ["plan_id", "span_start", "ordinal"], "title": ["metric"], **DUE},
}
YEARS = (
    "SELECT coalesce(substr(CAST(period_start_on AS TEXT), 1, 4) || '-' ||"
    " substr(CAST(period_end_on AS TEXT), 1, 4), '') FROM plan WHERE plan.id = plan_id"
)


def upgrade() -> None:
    for table, orders in ORDERS.items():
        op.add_column(table, sa.Column("period", CodePointText, nullable=True))
        op.execute(f"UPDATE {table} SET period = ({YEARS})")  # noqa: S608 - our own words
        # A loader that does not know the column is refused, since lists of a year would lack its rows.
        forbid_null(table, "period")
        for name, columns in {**orders, "changed_at": ["changed_at"]}.items():
            expressions = ["period", *map(sa.text, columns), "id"]
            op.create_index(f"ix_{table}_period_{name}", table, expressions)
    fits(revision)


def downgrade() -> None:
    fits_no_longer(revision)
    for table, orders in ORDERS.items():
        for name in (*orders, "changed_at"):
            op.drop_index(f"ix_{table}_period_{name}", table)
        op.drop_column(table, "period")
