"""documents name their page; stored ones are made again

Revision: 0023, after 0022
"""

from migrations.shapes import demand_rebuild

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    demand_rebuild()


def downgrade() -> None:
    demand_rebuild()
