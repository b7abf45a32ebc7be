"""the epoch of the change feed, beside the revision of the data

Revision: 0011, after 0010
"""

from datetime import UTC, datetime
from secrets import token_hex

import sqlalchemy as sa
from alembic import op

from app.db.columns import CodePointText, Instant

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

COLUMNS = sa.column("id"), sa.column("number"), sa.column("changed_at", Instant())


def upgrade() -> None:
    """Make the table again, as a new column that is never null would need a default.

    From now on its row is always there; 0 is the number of a database without data.
    """
    stored = sa.select(*COLUMNS).select_from(sa.table("revision"))
    row = op.get_bind().execute(stored).mappings().one_or_none()
    op.drop_table("revision")
    revisions = op.create_table(
        "revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("epoch", CodePointText, nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_revision_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revision")),
        sqlite_strict=True,
    )
    kept = row or {"id": 1, "number": 0, "changed_at": datetime.now(UTC)}
    op.execute(revisions.insert().values(**kept, epoch=token_hex(8)))


def downgrade() -> None:
    op.execute("DELETE FROM revision WHERE number = 0")
    op.drop_column("revision", "epoch")
