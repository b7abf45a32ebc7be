"""totals by role, kind of agency and mode are summed from tallies of each plan

Revision: 0031, after 0030
"""

from collections import Counter, defaultdict

import sqlalchemy as sa
from alembic import op

from app.db.columns import CodePointText
from migrations.shapes import fits, fits_no_longer

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

NAME = "ix_tally_resource_tally_link_tally_held_tally_rows"
ASSIGNED = """
    SELECT t.id, a.role, g.kind FROM {table} t
    LEFT JOIN assignment a ON a.task_id = t.{task} LEFT JOIN agency g ON g.id = a.agency_id
    WHERE t.plan_id = :plan AND t.withdrawn_at IS NULL
"""
MENTIONED = """
    SELECT t.id, m.mode FROM task t LEFT JOIN mention m ON m.task_id = t.id
    WHERE t.plan_id = :plan AND t.withdrawn_at IS NULL
"""
LINKED = {
    ("task", "assignment"): sa.text(ASSIGNED.format(table="task", task="id")),
    ("task", "mention"): sa.text(MENTIONED),
    ("target", "assignment"): sa.text(ASSIGNED.format(table="target", task="task_id")),
}


def upgrade() -> None:
    tally = op.create_table(
        "tally",
        sa.Column("plan_id", CodePointText, nullable=False),
        sa.Column("resource", CodePointText, nullable=False),
        sa.Column("link", CodePointText, nullable=False),
        sa.Column("held", CodePointText, nullable=False),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_tally_plan_id_plan")),
        sa.PrimaryKeyConstraint("plan_id", "resource", "link", "held", name=op.f("pk_tally")),
        sqlite_strict=True,
    )
    connection = op.get_bind()
    plan_ids = connection.scalars(sa.text("SELECT id FROM plan")).all()
    for plan_id in plan_ids:
        if rows := _rows(connection, plan_id):
            connection.execute(tally.insert(), rows)
    op.create_index(op.f(NAME), "tally", ["resource", "link", "held", "rows"])
    if plan_ids:  # else a load leaves statistics
        op.execute("ANALYZE tally")
    fits(revision)


def _rows(connection: sa.Connection, plan_id: str) -> list[dict[str, object]]:
    rows = []
    for (resource, link), statement in LINKED.items():
        held = defaultdict(set)
        for id_, *values in connection.execute(statement, {"plan": plan_id}):
            held[id_].update([] if values[0] is None else [" ".join(values)])
        counted = Counter(",".join(sorted(members)) for members in held.values())
        of_plan = {"plan_id": plan_id, "resource": resource, "link": link}
        rows += [{**of_plan, "held": one, "rows": number} for one, number in counted.items()]
    return rows


def downgrade() -> None:
    fits_no_longer(revision)
    op.drop_table("tally")
