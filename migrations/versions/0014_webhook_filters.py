"""which agencies and plans a webhook is notified about; null: all, as those that are there

Revision: 0014, after 0013
"""

import sqlalchemy as sa
from alembic import op

from app.db.columns import Json

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("webhook", sa.Column("filters", Json, nullable=True))


def downgrade() -> None:
    op.drop_column("webhook", "filters")
