"""tallies of all plans of a period together; what is counted of tasks and targets without reading them

Revision: 0037, after 0036
"""

import sqlalchemy as sa
from alembic import op

from app.db.columns import CodePointText
from migrations.constraints import forbid_null
from migrations.shapes import fits, fits_no_longer

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

KEY = ("resource", "link", "period", "held")
PERIOD = (
    "SELECT coalesce(substr(CAST(period_start_on AS TEXT), 1, 4) || '-' ||"
    " substr(CAST(period_end_on AS TEXT), 1, 4), '') FROM plan WHERE plan.id = plan_id"
)
OF_TARGETS = """
    INSERT INTO tally (plan_id, resource, link, held, rows)
    SELECT plan_id, 'target', 'itself', held, count(*) FROM (
        SELECT plan_id, strength || ' ' || kind || ' ' || coalesce(comparator, '-') || ' '
            || coalesce(recurrence, '-') AS held
        FROM target WHERE withdrawn_at IS NULL
    ) AS targets GROUP BY plan_id, held
"""
TOGETHER = """
    INSERT INTO period_tally (resource, link, period, held, rows)
    SELECT resource, link, period, held, sum(rows) FROM tally GROUP BY resource, link, period, held
"""
STATED = """
    task_id IS NOT NULL AND due_basis IN ('stated', 'inherited') AND withdrawn_at IS NULL
"""
STATED_DUE_ON = f"""
    UPDATE task SET stated_due_on = (
        SELECT min(due_on) FROM target WHERE task_id = task.id AND {STATED}
    ) WHERE id IN (SELECT task_id FROM target WHERE {STATED})
"""  # noqa: S608 - our own words
INDEXES = {
    "ix_task_of_status": ("task", "period", "status", "stated_due_on", "due_on", "withdrawn_at"),
    "ix_target_of_attainment": (
        "target", "period", "attainment", "due_basis", "due_on", "withdrawn_at",
    ),
}  # fmt: skip


def upgrade() -> None:
    op.add_column("task", sa.Column("stated_due_on", sa.Date(), nullable=True))
    op.execute(STATED_DUE_ON)
    for name, (table, *columns) in INDEXES.items():
        op.create_index(name, table, columns)
    op.execute(OF_TARGETS)
    op.add_column("tally", sa.Column("period", CodePointText, nullable=True))
    op.execute(f"UPDATE tally SET period = ({PERIOD})")  # noqa: S608 - our own words
    # A loader that does not know the column is refused, since totals would be wrong.
    forbid_null("tally", "period")
    op.create_table(
        "period_tally",
        *(sa.Column(name, CodePointText, nullable=False) for name in KEY),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint(*KEY, name=op.f("pk_period_tally")),
        sqlite_strict=True,
    )
    op.execute(TOGETHER)
    fits(revision)


def downgrade() -> None:
    fits_no_longer(revision)
    op.drop_table("period_tally")
    op.drop_column("tally", "period")
    op.execute("DELETE FROM tally WHERE resource = 'target' AND link = 'itself'")
    for name, (table, *_) in INDEXES.items():
        op.drop_index(name, table)
    op.drop_column("task", "stated_due_on")
