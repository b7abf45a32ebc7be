"""the epoch in which a change was numbered; null for those that are there, whose names stay

Revision: 0018, after 0017
"""

import sqlalchemy as sa
from alembic import op

from app.db.columns import CodePointText

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("change", sa.Column("epoch", CodePointText, nullable=True))


def downgrade() -> None:
    op.drop_column("change", "epoch")
