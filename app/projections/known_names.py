"""By which names things are found, derived from the tables whenever these are loaded."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, insert, null, select
from sqlalchemy.orm import Session

from app.chinese.folding import search_key
from app.db.models import Agency, KnownName, Plan, Platform, Region
from app.projections.parts import parts

# Table → the columns of its names: text, or a list of aliases or of dated names.
NAMES: Mapping[Any, Sequence[Any]] = {
    Agency: (Agency.name, Agency.official_name, Agency.names, Agency.aliases),
    Region: (Region.name, Region.aliases),
    Platform: (Platform.name, Platform.aliases),
    Plan: (Plan.document_number,),
}
# Table → the column of the government whose names these are.
GOVERNMENTS: Mapping[Any, Any] = {
    Agency: Agency.jurisdiction_code,
    Region: Region.code,
    Platform: Platform.scope_code,
}
# What short forms leave out: 公安厅 is short for 省公安厅.
LEFT_OUT = tuple(search_key(word) for word in ("国家", "省", "自治区", "市", "州", "区", "县"))


def names_in(row: Sequence[Any]) -> list[str]:
    """The names of a row of `NAMES`, one by one."""
    listed = [
        one for value in row if value for one in (value if isinstance(value, list) else [value])
    ]
    return [one["name"] if isinstance(one, dict) else one for one in listed]


def store_known_names(session: Session, only: Mapping[Any, Collection[str]] | None = None) -> None:
    """Update names, whichever version of the folding wrote them: all, or those of these things."""
    for table in NAMES:
        (key,) = table.__table__.primary_key
        ids = session.scalars(select(key)) if only is None else only.get(table, ())
        for part in parts(sorted(ids)):
            _update(session, table, key, part)


def _update(session: Session, table: Any, id_column: Any, ids: Sequence[str]) -> None:
    government = GOVERNMENTS.get(table, null())
    named = select(id_column, government, *NAMES[table]).where(id_column.in_(ids))
    current = {
        (id_, key): (code, table is Agency and _is_short(key, keys))
        for id_, code, *names in session.execute(named)
        for keys in [{search_key(name) for name in names_in(names)}]
        for key in keys
    }
    _store(session, table.__tablename__, ids, current)


def _is_short(name: str, names: Collection[str]) -> bool:
    """Whether a name is another name of the same body without the level of its government."""
    return any(word + name in names for word in LEFT_OUT)


def _store(
    session: Session,
    resource: str,
    ids: Sequence[str],
    current: Mapping[tuple[str, str], tuple[str | None, bool]],
) -> None:
    of_resource = KnownName.resource == resource
    known = select(
        KnownName.id, KnownName.key, KnownName.jurisdiction_code, KnownName.is_short
    ).where(of_resource, KnownName.id.in_(ids))
    stored = {(id_, key): (code, short) for id_, key, code, short in session.execute(known)}
    for (id_, key), about in stored.items():
        if current.get((id_, key)) != about:
            gone = delete(KnownName).where(of_resource, KnownName.id == id_, KnownName.key == key)
            session.execute(gone)
    if added := [name for name, about in current.items() if stored.get(name) != about]:
        session.connection().execute(  # the session would execute one statement for each set of nulls
            insert(KnownName),
            [
                {
                    "resource": resource,
                    "key": key,
                    "id": id_,
                    "jurisdiction_code": current[id_, key][0],
                    "is_short": current[id_, key][1],
                }
                for id_, key in sorted(added)
            ],
        )
