"""the pages of the PDF that a plan came in: their text, the boxes of its lines, pictures

Revision: 0034, after 0033
"""

import sqlalchemy as sa
from alembic import op

from app.db.columns import CodePointText, Json
from migrations.shapes import fits, fits_no_longer

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

COLUMNS = ("source_pages", "source_lines")


def upgrade() -> None:
    for name in COLUMNS:
        op.add_column("plan", sa.Column(name, Json))
    op.create_table(
        "page_image",
        sa.Column("plan_id", CodePointText, nullable=False),
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("plan_id", "number", name=op.f("pk_page_image")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_page_image_plan_id_plan")),
        sqlite_strict=True,
    )
    fits(revision)


def downgrade() -> None:
    fits_no_longer(revision)
    op.drop_table("page_image")
    for name in COLUMNS:
        op.drop_column("plan", name)
