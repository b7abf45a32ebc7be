"""an index for every order of a list

Revision: 0005, after 0004
"""

from alembic import op
from sqlalchemy import text

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

REPLACED = {
    "agency": [["changed_at"]],
    "plan": [["changed_at"]],
    "platform": [["changed_at"]],
    "section": [["changed_at"]],
    "target": [["changed_at"], ["due_on"], ["plan_id"]],
    "task": [["changed_at"], ["plan_id", "span_start"]],
}
ORDERS = {
    "agency": [["position"], ["name"], ["changed_at"]],
    "plan": [["changed_at"]],
    "platform": [["position"], ["name"], ["changed_at"]],
    "section": [["heading"], ["changed_at"]],
    "target": [["plan_id", "span_start", "ordinal"], ["metric"], ["due_on"], ["changed_at"]],
    "task": [["plan_id", "span_start"], ["item_number", "sub_number"], ["title"], ["changed_at"]],
}


def _name(table: str, columns: list[str]) -> str:
    """As `app/db/models.py` names it: every column with its table."""
    first, *rest = columns
    return "_".join([f"ix_{table}_{first}", *(f"{table}_{column}" for column in rest)])


def upgrade() -> None:
    for table, indexes in REPLACED.items():
        for columns in indexes:
            op.drop_index(_name(table, columns), table_name=table)
    for table, indexes in ORDERS.items():
        for columns in indexes:
            op.create_index(_name(table, [*columns, "id"]), table, [*columns, "id"])
    op.create_index("ix_task_due_on", "task", [text("coalesce(due_on, '9999-12-31')"), "id"])


def downgrade() -> None:
    op.drop_index("ix_task_due_on", table_name="task")
    for table, indexes in ORDERS.items():
        for columns in indexes:
            op.drop_index(_name(table, [*columns, "id"]), table_name=table)
    for table, indexes in REPLACED.items():
        for columns in indexes:
            op.create_index(_name(table, columns), table, columns)
