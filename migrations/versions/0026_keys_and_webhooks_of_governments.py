"""keys and webhooks belong to a government

Null: of the home for keys of coordinators and assessors that are there, of the whole service for
webhooks and for keys of administrators.

Revision: 0026, after 0025
"""

from alembic import op

from migrations.constraints import add_reference

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_reference("api_key", "jurisdiction_code", "region.code")
    add_reference("webhook", "jurisdiction_code", "region.code")


def downgrade() -> None:
    op.drop_column("webhook", "jurisdiction_code")
    op.drop_column("api_key", "jurisdiction_code")
