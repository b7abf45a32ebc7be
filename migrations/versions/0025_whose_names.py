"""names know their government, and governments those above them

Revision: 0025, after 0024
"""

import sqlalchemy as sa
from alembic import op

from app.db.columns import CodePointText
from migrations.constraints import forbid_null
from migrations.shapes import demand_rebuild

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("region", sa.Column("path", CodePointText, nullable=True))
    op.execute(
        "WITH RECURSIVE tree (code, path) AS ("
        " SELECT code, code FROM region WHERE parent_code IS NULL"
        " UNION ALL SELECT region.code, tree.path || '/' || region.code"
        " FROM region JOIN tree ON region.parent_code = tree.code)"
        " UPDATE region SET path = (SELECT path FROM tree WHERE tree.code = region.code)"
    )
    forbid_null("region", "path")
    op.add_column("platform", sa.Column("scope_code", CodePointText, nullable=True))
    op.add_column("known_name", sa.Column("jurisdiction_code", CodePointText, nullable=True))
    op.add_column(
        "known_name",
        sa.Column("is_short", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    demand_rebuild()


def downgrade() -> None:
    op.drop_column("known_name", "is_short")
    op.drop_column("known_name", "jurisdiction_code")
    op.drop_column("platform", "scope_code")
    op.drop_column("region", "path")
