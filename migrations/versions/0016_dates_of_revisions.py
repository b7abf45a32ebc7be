"""dates of revisions

Revision: 0016, after 0015
"""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

from app.db.columns import Instant

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("revision", sa.Column("dated", Instant(), nullable=True))
    table = sa.table(
        "revision",
        sa.column("number"),
        sa.column("changed_at", Instant()),
        sa.column("dated", Instant()),
    )
    connection = op.get_bind()
    with_data = sa.select(table.c.changed_at).where(table.c.number > 0)
    for changed_at in connection.scalars(with_data).all():
        # The second of its change may have been sent for the version before, too.
        dated = changed_at.replace(microsecond=0) + timedelta(seconds=1)
        connection.execute(sa.update(table).values(dated=dated))


def downgrade() -> None:
    op.drop_column("revision", "dated")
