"""the tables name the revisions whose services work on them

Revision: 0029, after 0028
"""

import sqlalchemy as sa
from alembic import op

from app.db.columns import CodePointText
from migrations.shapes import fits

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "fitting_revision",
        sa.Column("revision", CodePointText, nullable=False),
        sa.PrimaryKeyConstraint("revision", name=op.f("pk_fitting_revision")),
        sqlite_strict=True,
    )
    fits(revision)


def downgrade() -> None:
    op.drop_table("fitting_revision")
