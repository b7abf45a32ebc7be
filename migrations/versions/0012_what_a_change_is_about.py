"""what a change is about: its plan, the agencies that it concerns, the members that changed

Entries that are there get the plan, and the agencies as they are now; which members changed is
not known of them.

Revision: 0012, after 0011
"""

import json

import sqlalchemy as sa
from alembic import op

from app.db.columns import CodePointText, Json

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

OF_A_PLAN = (
    "section", "task", "target", "report", "measurement", "milestone", "assessment", "bulletin",
)  # fmt: skip
# Change → agency, by what it is about.
CONCERNED = [
    "SELECT c.seq, c.id FROM change c WHERE c.resource = 'agency'",
    """SELECT c.seq, a.agency_id FROM change c JOIN assignment a ON a.task_id = c.id
        WHERE c.resource = 'task'""",
    """SELECT c.seq, s.agency_id FROM change c JOIN assessment s ON s.id = c.id
        WHERE c.resource = 'assessment' AND s.agency_id IS NOT NULL""",
    *(
        f"SELECT c.seq, f.agency_id FROM change c JOIN {kind} f ON f.id = c.id"  # noqa: S608
        f" WHERE c.resource = '{kind}'"
        for kind in ("report", "measurement", "milestone")
    ),
    *(
        f"SELECT c.seq, a.agency_id FROM change c JOIN {kind} f ON f.id = c.id"  # noqa: S608
        f" JOIN assignment a ON a.task_id = f.task_id WHERE c.resource = '{kind}'"
        for kind in ("target", "report", "measurement", "milestone")
    ),
]
BULLETINS = """
    SELECT c.seq, b.document FROM change c JOIN bulletin b ON b.id = c.id
     WHERE c.resource = 'bulletin'
"""
REFERRED = """
    SELECT id, agency_id FROM report
    UNION SELECT id, agency_id FROM assessment WHERE agency_id IS NOT NULL
"""


def upgrade() -> None:
    op.add_column("change", sa.Column("changed", Json, nullable=True))
    op.add_column("change", sa.Column("plan_id", CodePointText, nullable=True))
    op.create_table(
        "change_agency",
        sa.Column("seq", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("agency_id", CodePointText, nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["change.seq"], name=op.f("fk_change_agency_seq_change")),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_change_agency_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("seq", "agency_id", name=op.f("pk_change_agency")),
        sqlite_strict=True,
    )
    op.execute("UPDATE change SET plan_id = id WHERE resource = 'plan'")
    for table in OF_A_PLAN:
        op.execute(
            f"UPDATE change SET plan_id = (SELECT plan_id FROM {table} t WHERE t.id = change.id)"  # noqa: S608
            f" WHERE resource = '{table}'"
        )
    op.execute(f"INSERT INTO change_agency (seq, agency_id) {' UNION '.join(CONCERNED)}")
    _insert_bulletins()


def _insert_bulletins() -> None:
    """The agencies of what each refers to."""
    connection = op.get_bind()
    agencies = dict(tuple(row) for row in connection.execute(sa.text(REFERRED)))
    rows = {
        (seq, agencies[one["id"]])
        for seq, document in connection.execute(sa.text(BULLETINS))
        for one in json.loads(document)["refers_to"]
        if one["id"] in agencies
    }
    table = sa.table("change_agency", sa.column("seq"), sa.column("agency_id"))
    if rows:
        values = [{"seq": seq, "agency_id": agency} for seq, agency in sorted(rows)]
        connection.execute(table.insert(), values)


def downgrade() -> None:
    op.drop_table("change_agency")
    op.drop_column("change", "plan_id")
    op.drop_column("change", "changed")
