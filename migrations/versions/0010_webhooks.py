"""webhooks and their outbox

Revision: 0010, after 0009
"""

import sqlalchemy as sa
from alembic import op

from app.db.columns import CodePointText, Instant, Json

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def _choice(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    formats = ("standard", "robot_markdown", "robot_card")
    op.create_table(
        "webhook",
        sa.Column("id", CodePointText, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("url", CodePointText, nullable=False),
        sa.Column("events", Json, nullable=False),
        sa.Column("format", _choice("webhookformat", *formats), nullable=False),
        sa.Column("secret", CodePointText, nullable=True),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("gone_at", Instant(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
        sa.UniqueConstraint("ordinal", name=op.f("uq_webhook_ordinal")),
        sqlite_strict=True,
    )
    states = ("pending", "delivered", "failed")
    op.create_table(
        "delivery",
        sa.Column("webhook_id", CodePointText, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("about", CodePointText, nullable=False),
        sa.Column("state", _choice("deliverystate", *states), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", Instant(), nullable=True),
        sa.Column("last_attempt_at", Instant(), nullable=True),
        sa.Column("last_status", sa.Integer(), nullable=True),
        sa.Column("last_error", CodePointText, nullable=True),
        sa.Column("delivered_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhook.id"], name=op.f("fk_delivery_webhook_id_webhook")
        ),
        sa.ForeignKeyConstraint(["seq"], ["change.seq"], name=op.f("fk_delivery_seq_change")),
        sa.PrimaryKeyConstraint("webhook_id", "seq", name=op.f("pk_delivery")),
        sqlite_strict=True,
    )
    pending = sa.text("state = 'pending'")
    for name, columns in {
        "ix_delivery_due": ["webhook_id", "next_at"],
        "ix_delivery_order": ["webhook_id", "about", "seq"],
    }.items():
        op.create_index(name, "delivery", columns, sqlite_where=pending, postgresql_where=pending)


def downgrade() -> None:
    op.drop_table("delivery")
    op.drop_table("webhook")
