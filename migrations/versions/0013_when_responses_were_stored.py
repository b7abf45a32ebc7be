"""when responses under an Idempotency-Key were stored, and an index of what is over

Revision: 0013, after 0012
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from app.db.columns import Instant

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What is there counts from now; the version before stores none, and its rows are dated later."""
    column = sa.column("stored_at", Instant())
    op.add_column("idempotent_answer", sa.Column("stored_at", Instant(), nullable=True))
    op.execute(sa.update(sa.table("idempotent_answer", column)).values(stored_at=datetime.now(UTC)))
    op.create_index("ix_idempotent_answer_stored_at", "idempotent_answer", ["stored_at"])
    over = sa.text("state <> 'pending'")
    op.create_index(
        "ix_delivery_over",
        "delivery",
        ["last_attempt_at"],
        sqlite_where=over,
        postgresql_where=over,
    )


def downgrade() -> None:
    op.drop_index("ix_delivery_over", "delivery")
    op.drop_index("ix_idempotent_answer_stored_at", "idempotent_answer")
    op.drop_column("idempotent_answer", "stored_at")
