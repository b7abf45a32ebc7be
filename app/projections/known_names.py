"""By which names things are found, derived from the tables whenever these are loaded."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from app.chinese.folding import search_key
from app.db.models import Agency, KnownName, Plan, Platform, Region

# Table → the columns of its names: text, or a list of aliases or of dated names.
NAMES: Mapping[Any, Sequence[Any]] = {
    Agency: (Agency.name, Agency.official_name, Agency.names, Agency.aliases),
    Region: (Region.name, Region.aliases),
    Platform: (Platform.name, Platform.aliases),
    Plan: (Plan.document_number,),
}
BATCH = 1000  # things; what they are called is compared in parts


def names_in(row: Sequence[Any]) -> list[str]:
    """The names of a row of `NAMES`, one by one."""
    listed = [
        one for value in row if value for one in (value if isinstance(value, list) else [value])
    ]
    return [one["name"] if isinstance(one, dict) else one for one in listed]


def store_known_names(session: Session) -> None:
    """Update all names, whichever version of the folding wrote them."""
    for table, columns in NAMES.items():
        (key,) = table.__table__.primary_key
        named = select(key, *columns).order_by(key).limit(BATCH)
        last = ""
        while rows := session.execute(named.where(key > last)).all():
            last = rows[-1][0]
            _store(session, table.__tablename__, {id_: names_in(names) for id_, *names in rows})


def _store(session: Session, resource: str, names: Mapping[str, Sequence[str]]) -> None:
    of_resource = KnownName.resource == resource
    known = select(KnownName.id, KnownName.key).where(of_resource, KnownName.id.in_(names))
    stored = {(row.id, row.key) for row in session.execute(known)}
    current = {(id_, search_key(name)) for id_, named in names.items() for name in named}
    for id_, key in stored - current:
        gone = delete(KnownName).where(of_resource, KnownName.id == id_, KnownName.key == key)
        session.execute(gone)
    if added := current - stored:
        session.execute(
            insert(KnownName),
            [{"resource": resource, "key": key, "id": id_} for id_, key in sorted(added)],
        )
