"""the epoch of the change feed, beside the revision of the data

Revision: 0011, after 0010
"""

from datetime import UTC, datetime
from secrets import token_hex

import sqlalchemy as sa
from alembic import context, op

from app.db.columns import CodePointText, Instant

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

WEBHOOKS = "webhook", "delivery"
COLUMNS = sa.column("id"), sa.column("number"), sa.column("changed_at", Instant())


def _complete_webhooks() -> None:
    """Make the tables of 0010 again where they are as 0.5.0 first had them: without `changed_at`."""
    connection = op.get_bind()
    if "changed_at" in {column["name"] for column in sa.inspect(connection).get_columns("webhook")}:
        return
    for table in WEBHOOKS:
        op.execute(f"CREATE TEMPORARY TABLE former_{table} AS SELECT * FROM {table}")  # noqa: S608
    of_0010 = context.script.get_revision("0010").module
    of_0010.downgrade()
    of_0010.upgrade()
    for table in WEBHOOKS:
        names = [column["name"] for column in sa.inspect(connection).get_columns(table)]
        values = ["created_at" if name == "changed_at" else name for name in names]
        op.execute(
            f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(values)} FROM former_{table}"  # noqa: S608
        )
        op.execute(f"DROP TABLE former_{table}")


def upgrade() -> None:
    """Make the table again, as a new column that is never null would need a default.

    From now on its row is always there; 0 is the number of a database without data.
    """
    _complete_webhooks()
    stored = sa.select(*COLUMNS).select_from(sa.table("revision"))
    row = op.get_bind().execute(stored).mappings().one_or_none()
    op.drop_table("revision")
    revisions = op.create_table(
        "revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("epoch", CodePointText, nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_revision_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revision")),
        sqlite_strict=True,
    )
    kept = row or {"id": 1, "number": 0, "changed_at": datetime.now(UTC)}
    op.execute(revisions.insert().values(**kept, epoch=token_hex(8)))


def downgrade() -> None:
    op.execute("DELETE FROM revision WHERE number = 0")
    op.drop_column("revision", "epoch")
