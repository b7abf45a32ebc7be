"""What a migration says that changes the shape of documents."""

from alembic import op


def demand_rebuild() -> None:
    """Have stored documents made again: `/readyz` is 503 until `python -m app rebuild` ran.

    A rebuild that is under way begins anew; a database without documents needs none.
    """
    op.execute("UPDATE rebuild SET done = NULL, is_due = EXISTS (SELECT 1 FROM plan)")
