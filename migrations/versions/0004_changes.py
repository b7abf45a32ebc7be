"""The change feed; what is there already is told as it stands."""

from hashlib import blake2b

import sqlalchemy as sa
from alembic import op

from app.db.columns import CodePointText, Instant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

RESOURCES = ("plan", "section", "task", "agency", "target", "platform")
INSERT = sa.text(
    'INSERT INTO "change" (seq, at, op, resource, id, version, etag)'
    " VALUES (:seq, :at, :op, :resource, :id, :version, :etag)"
)


def upgrade() -> None:
    operations = sa.Enum(
        "created", "updated", "withdrawn",
        name="changeoperation", native_enum=False, create_constraint=True, length=40,
    )  # fmt: skip
    op.create_table(
        "change",
        sa.Column("seq", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("op", operations, nullable=False),
        sa.Column("resource", CodePointText, nullable=False),
        sa.Column("id", CodePointText, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("etag", CodePointText, nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_change")),
        sqlite_strict=True,
    )
    connection = op.get_bind()
    seq = 0
    for resource in RESOURCES:
        names = ("id", "document", "version", "changed_at", "withdrawn_at")
        columns = [sa.column(name) for name in names]
        stored = sa.select(*columns).select_from(sa.table(resource)).order_by(columns[0])
        for row in connection.execute(stored).all():
            seq += 1
            gone = row.withdrawn_at is not None
            tag = blake2b(row.document.encode(), digest_size=15).hexdigest()
            connection.execute(
                INSERT,
                {
                    "seq": seq,
                    "at": row.changed_at,
                    "op": "withdrawn" if gone else "created",
                    "resource": resource,
                    "id": row.id,
                    "version": row.version,
                    "etag": None if gone else f'"{tag}"',
                },
            )


def downgrade() -> None:
    op.drop_table("change")
