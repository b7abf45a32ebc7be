"""how far a task is, and whether a target is met

Revision: 0003, after 0002
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

PROGRESS = ("not_reported", "not_started", "on_track", "at_risk", "delayed", "completed")
ATTAINMENT = ("not_reported", "below", "met")


def _add(table: str, column: str, set_name: str, values: tuple[str, ...]) -> None:
    """In words of SQL, since SQLite takes the check of a new column only in the same statement."""
    kind = "TEXT" if op.get_bind().dialect.name == "sqlite" else "VARCHAR(40)"
    allowed = ", ".join(f"'{value}'" for value in values)
    op.execute(
        f"ALTER TABLE {table} ADD COLUMN {column} {kind} DEFAULT 'not_reported' NOT NULL "
        f"CONSTRAINT ck_{table}_{set_name} CHECK ({column} IN ({allowed}))"
    )


def upgrade() -> None:
    _add("task", "status", "progressstatus", PROGRESS)
    _add("target", "attainment", "attainmentstatus", ATTAINMENT)


def downgrade() -> None:
    op.drop_column("target", "attainment")
    op.drop_column("task", "status")
