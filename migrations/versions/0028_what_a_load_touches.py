"""what a load touches: what the registry said of each government, and mentions by platform

Revision: 0028, after 0027
"""

import sqlalchemy as sa
from alembic import op

from app.db.columns import CodePointText
from migrations.shapes import demand_rebuild

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

BY_PLATFORM = ["platform_id", "plan_id", "span_start"]


def upgrade() -> None:
    op.create_table(
        "loaded_registry",
        sa.Column("jurisdiction_code", CodePointText, nullable=False),
        sa.Column("sha256", CodePointText, nullable=False),
        sa.PrimaryKeyConstraint("jurisdiction_code", name=op.f("pk_loaded_registry")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_mention_platform_id_mention_plan_id_mention_span_start"), "mention", BY_PLATFORM
    )
    op.drop_index(op.f("ix_mention_platform_id"), "mention")
    op.create_index(op.f("ix_known_name_resource_known_name_id"), "known_name", ["resource", "id"])
    demand_rebuild()


def downgrade() -> None:
    op.drop_index(op.f("ix_known_name_resource_known_name_id"), "known_name")
    op.create_index(op.f("ix_mention_platform_id"), "mention", ["platform_id"])
    op.drop_index(op.f("ix_mention_platform_id_mention_plan_id_mention_span_start"), "mention")
    op.drop_table("loaded_registry")
