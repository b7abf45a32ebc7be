"""tasks are counted by an index, without reading their documents

Revision: 0030, after 0029
"""

from alembic import op

from migrations.shapes import fits, fits_no_longer

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

COUNTED = ["level", "is_leaf", "status", "withdrawn_at"]
NAME = "ix_task_level_task_is_leaf_task_status_task_withdrawn_at"


def upgrade() -> None:
    op.create_index(op.f(NAME), "task", COUNTED)
    fits(revision)


def downgrade() -> None:
    fits_no_longer(revision)
    op.drop_index(op.f(NAME), "task")
