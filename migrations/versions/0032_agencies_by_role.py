"""agencies are found by the role of their assignments

Revision: 0032, after 0031
"""

from alembic import op

from migrations.shapes import fits, fits_no_longer

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

BY_AGENCY = "ix_assignment_agency_id"
BY_ROLE = "ix_assignment_agency_id_assignment_role"


def upgrade() -> None:
    op.create_index(op.f(BY_ROLE), "assignment", ["agency_id", "role"])
    op.drop_index(op.f(BY_AGENCY), "assignment")
    fits(revision)


def downgrade() -> None:
    fits_no_longer(revision)
    op.create_index(op.f(BY_AGENCY), "assignment", ["agency_id"])
    op.drop_index(op.f(BY_ROLE), "assignment")
