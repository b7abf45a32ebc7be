"""whom a collective means by a rule of the registry; an agency shows the collectives it belongs to

Revision: 0019, after 0018
"""

import sqlalchemy as sa
from alembic import op

from app.db.columns import CodePointText
from migrations.shapes import demand_rebuild

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

# The one rule of the registry as of this migration, for databases into which nothing is loaded again.
CITIES = """
INSERT INTO collective_member (agency_id, collective_id)
SELECT city.id, collective.id FROM agency AS city, agency AS collective
WHERE collective.id = 'gd-all-cities' AND city.kind = 'municipality' AND city.region_code LIKE '44%'
"""


def upgrade() -> None:
    op.create_table(
        "collective_member",
        sa.Column("agency_id", CodePointText, nullable=False),
        sa.Column("collective_id", CodePointText, nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_collective_member_agency_id_agency")
        ),
        sa.ForeignKeyConstraint(
            ["collective_id"], ["agency.id"], name=op.f("fk_collective_member_collective_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", "collective_id", name=op.f("pk_collective_member")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_collective_member_collective_id"), "collective_member", ["collective_id"]
    )
    op.execute(CITIES)
    demand_rebuild()


def downgrade() -> None:
    op.drop_table("collective_member")
