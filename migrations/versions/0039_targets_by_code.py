"""targets know the code of their task, by which they are read in order

Revision: 0039, after 0038
"""

import sqlalchemy as sa
from alembic import op

from app.db.columns import CodePointText
from migrations.constraints import forbid_null
from migrations.shapes import fits, fits_no_longer

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

CODES = "coalesce((SELECT code_key FROM task WHERE task.id = target.task_id), '')"
INDEXES = {
    "ix_target_code_key_target_ordinal_target_id": ["code_key", "ordinal", "id"],
    "ix_target_period_code": ["period", "code_key", "ordinal", "id"],
}


def upgrade() -> None:
    op.add_column("target", sa.Column("code_key", CodePointText, nullable=True))
    op.execute(f"UPDATE target SET code_key = {CODES}")  # noqa: S608 - our own words
    forbid_null("target", "code_key")
    for name, columns in INDEXES.items():
        op.create_index(name, "target", columns)
    fits(revision)


def downgrade() -> None:
    fits_no_longer(revision)
    for name in INDEXES:
        op.drop_index(name, "target")
    op.drop_column("target", "code_key")
