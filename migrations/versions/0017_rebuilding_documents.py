"""documents that have to be made again; they have a version, a moment and labels

Revision: 0017, after 0016
"""

import sqlalchemy as sa
from alembic import op

from app.db.columns import CodePointText
from migrations.shapes import demand_rebuild

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    table = op.create_table(
        "rebuild",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("is_due", sa.Boolean(), nullable=False),
        sa.Column("done", CodePointText, nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_rebuild_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rebuild")),
        sqlite_strict=True,
    )
    op.bulk_insert(table, [{"id": 1, "is_due": False, "done": None}])
    demand_rebuild()


def downgrade() -> None:
    op.drop_table("rebuild")
