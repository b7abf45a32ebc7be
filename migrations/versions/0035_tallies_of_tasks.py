"""totals of tasks by level, leaf and has_targets are summed from tallies; leaves and groups are counted apart

Revision: 0035, after 0034
"""

from collections import Counter, defaultdict

import sqlalchemy as sa
from alembic import op

from migrations.shapes import fits, fits_no_longer

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

TALLY = sa.table("tally", *map(sa.column, ("plan_id", "resource", "link", "held", "rows")))
OURS = sa.or_(TALLY.c.resource.in_(["leaf", "group"]), TALLY.c.link == "itself")
ITSELF = """
    INSERT INTO tally (plan_id, resource, link, held, rows)
    SELECT plan_id, 'task', 'itself', held, count(*) FROM (
        SELECT plan_id, level || CASE WHEN is_leaf THEN ' true' ELSE ' false' END || CASE WHEN EXISTS (
            SELECT 1 FROM target WHERE target.task_id = task.id AND target.withdrawn_at IS NULL
        ) THEN ' true' ELSE ' false' END AS held
        FROM task WHERE withdrawn_at IS NULL
    ) AS tasks GROUP BY plan_id, held
"""
LINKED = {
    "assignment": """
        SELECT t.id, t.is_leaf, a.role, g.kind FROM task t
        LEFT JOIN assignment a ON a.task_id = t.id LEFT JOIN agency g ON g.id = a.agency_id
        WHERE t.plan_id = :plan AND t.withdrawn_at IS NULL
    """,
    "mention": """
        SELECT t.id, t.is_leaf, m.mode FROM task t LEFT JOIN mention m ON m.task_id = t.id
        WHERE t.plan_id = :plan AND t.withdrawn_at IS NULL
    """,
}


def upgrade() -> None:
    connection = op.get_bind()
    op.execute(ITSELF)
    plan_ids = connection.scalars(sa.text("SELECT id FROM plan")).all()
    for plan_id in plan_ids:
        if rows := _rows(connection, plan_id):
            connection.execute(TALLY.insert(), rows)
    if plan_ids:  # else a load leaves statistics
        op.execute("ANALYZE tally")
    fits(revision)


def _rows(connection: sa.Connection, plan_id: str) -> list[dict[str, object]]:
    rows = []
    for link, statement in LINKED.items():
        held = defaultdict(set)
        for id_, is_leaf, *values in connection.execute(sa.text(statement), {"plan": plan_id}):
            member = [] if values[0] is None else [" ".join(values)]
            held[id_, "leaf" if is_leaf else "group"].update(member)
        counted = Counter((part, ",".join(sorted(one))) for (_, part), one in held.items())
        rows += [
            {"plan_id": plan_id, "resource": part, "link": link, "held": one, "rows": number}
            for (part, one), number in counted.items()
        ]
    return rows


def downgrade() -> None:
    fits_no_longer(revision)
    op.execute(sa.delete(TALLY).where(OURS))
