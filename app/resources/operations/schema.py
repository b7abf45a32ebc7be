"""Whether the tables are those that this version of the service needs, or newer ones that fit."""

from sqlalchemy import bindparam, select, text
from sqlalchemy.exc import SQLAlchemyError

from app.db.engine import Reader
from app.db.models import FittingRevision

SCHEMA = text("SELECT version_num FROM alembic_version")
FITTING = select(FittingRevision.revision).where(FittingRevision.revision == bindparam("required"))


async def fits(reader: Reader, found: str | None, required: str) -> bool:
    """Whether the tables are of this migration, or name it; if not, nothing more can be read."""
    if found == required:
        return True
    try:
        return (await reader.execute(FITTING, {"required": required})).first() is not None
    except SQLAlchemyError:  # tables of a release before 0.6.0
        return False
