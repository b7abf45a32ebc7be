"""search

Revision: 0002, after 0001.  `python -m seed load` fills the index.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "search_gram",
        sa.Column("gram", WORDS, nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("gram", name=op.f("pk_search_gram")),
        sqlite_strict=True,
    )
    op.create_table(
        "search_entry",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("resource", WORDS, nullable=False),
        sa.Column("id", WORDS, nullable=False),
        sa.Column("plan_id", WORDS, nullable=True),
        sa.Column("title", WORDS, nullable=False),
        sa.Column("body", WORDS, nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plan.id"], name=op.f("fk_search_entry_plan_id_plan")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_search_entry")),
        sa.UniqueConstraint("resource", "id", name=op.f("uq_search_entry_resource_id")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_search_entry_plan_id"), "search_entry", ["plan_id"])
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE search_index USING fts5"
            " (grams, content='', detail='none', columnsize=0, tokenize='ascii')"
        )
    else:
        op.execute("CREATE TABLE search_index (rowid INTEGER PRIMARY KEY, grams tsvector NOT NULL)")
        op.execute(
            "CREATE INDEX ix_search_index_grams ON search_index"
            " USING gin (grams) WITH (fastupdate = off)"
        )


def downgrade() -> None:
    op.drop_table("search_index")
    op.drop_table("search_entry")
    op.drop_table("search_gram")
