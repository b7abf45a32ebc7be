"""What a migration says of the shape of documents, and of the services that work on its tables."""

import sqlalchemy as sa
from alembic import op

FITTING = sa.table("fitting_revision", sa.column("revision"))


def fits(revision: str, *, only: bool = False) -> None:
    """Have `/readyz` of services accept the tables that need this revision, and those before it.

    `only`: services that need an earlier revision no longer work, as where a column was removed.
    """
    if only:
        op.execute(sa.delete(FITTING))
    op.execute(sa.insert(FITTING).values(revision=revision))


def fits_no_longer(revision: str) -> None:
    """The same for a downgrade."""
    op.execute(sa.delete(FITTING).where(FITTING.c.revision == revision))


def demand_rebuild() -> None:
    """Have stored documents made again: `/readyz` is 503 until `python -m app rebuild` ran.

    A rebuild that is under way begins anew; a database without documents needs none.
    """
    op.execute("UPDATE rebuild SET done = NULL, is_due = EXISTS (SELECT 1 FROM plan)")
