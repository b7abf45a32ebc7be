"""references of search, and by which folding entries were made

Revision: 0015, after 0014.  Then `migrations/env.py` makes entries and names again.
"""

import sqlalchemy as sa
from alembic import op

from app.db.columns import CodePointText

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "search_entry",
        sa.Column("folding", sa.Integer(), server_default=sa.text("0"), nullable=False),
    )
    op.create_table(
        "search_reference",
        sa.Column("key", CodePointText, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["number"],
            ["search_entry.number"],
            name=op.f("fk_search_reference_number_search_entry"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("key", "number", name=op.f("pk_search_reference")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_search_reference_number"), "search_reference", ["number"])


def downgrade() -> None:
    op.drop_table("search_reference")
    op.drop_column("search_entry", "folding")
