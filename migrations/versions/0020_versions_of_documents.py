"""what documents were before: their versions, which are only added; they begin with the next rebuild

Revision: 0020, after 0019
"""

import sqlalchemy as sa
from alembic import op

from app.db.columns import CodePointText, Instant, Json
from migrations.shapes import demand_rebuild

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

TABLE = "document_version"


def upgrade() -> None:
    cause = sa.Enum(
        "reading", "practice", "shape",
        name="versioncause", native_enum=False, create_constraint=True, length=40,
    )  # fmt: skip
    op.create_table(
        TABLE,
        sa.Column("resource", CodePointText, nullable=False),
        sa.Column("id", CodePointText, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("cause", cause, nullable=False),
        sa.Column("changed", Json, nullable=False),
        sa.Column("etag", CodePointText, nullable=True),
        sa.Column("shape", sa.Integer(), nullable=False),
        sa.Column("is_whole", sa.Boolean(), nullable=False),
        sa.Column("before", CodePointText, nullable=True),
        sa.PrimaryKeyConstraint("resource", "id", "version", name=op.f("pk_document_version")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "sqlite":
        for what, name in (("UPDATE", "changed"), ("DELETE", "deleted")):
            op.execute(
                f"CREATE TRIGGER {TABLE}_is_not_{name} BEFORE {what} ON {TABLE} "
                f"BEGIN SELECT RAISE(ABORT, 'rows of {TABLE} are only added'); END"
            )
    else:
        op.execute(
            f"CREATE TRIGGER {TABLE}_is_only_added BEFORE UPDATE OR DELETE ON {TABLE} "
            f"FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {TABLE}_is_not_emptied BEFORE TRUNCATE ON {TABLE} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    demand_rebuild()


def downgrade() -> None:
    op.drop_table(TABLE)
