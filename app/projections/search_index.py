"""Writing the text index, in the transaction that changes the documents.

The same grams go into FTS5 on SQLite and into a `tsvector` on PostgreSQL, which needs no
extension; both index only the grams of each entry.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.orm import Session

from app.chinese.folding import FOLDING, folded
from app.db.models import SearchEntry, SearchGram, SearchReference
from app.kinds import BY_NAME, NOTICE_KINDS
from app.projections.marks import marks_of
from app.projections.ngrams import (
    ANYWHERE,
    BETWEEN_FIELDS,
    grams_of_entry,
    marked,
    reference_key,
    references_of,
    texts_of,
)
from app.projections.parts import parts

# The number of entries, by the gram that every entry of a resource has: counting them takes too long.
ENTRIES = select(func.coalesce(func.sum(SearchGram.entries), 0)).where(
    SearchGram.gram.in_([marked(kind.name, ANYWHERE) for kind in NOTICE_KINDS])
)
INSERT = {
    "sqlite": "INSERT INTO search_index (rowid, grams) VALUES (:number, :grams)",
    "postgresql": "INSERT INTO search_index VALUES (:number, array_to_tsvector(:grams))",
}
REMOVE = {
    # FTS5 stores no copy of the indexed text, so deletion needs it (its documentation, section 6.3).
    "sqlite": "INSERT INTO search_index (search_index, rowid, grams)"
    " VALUES ('delete', :number, :grams)",
    "postgresql": "DELETE FROM search_index WHERE rowid = :number",
}
# One statement, since a load changes the numbers of thousands of grams.
COUNT = (
    "INSERT INTO search_gram (gram, entries) SELECT {} WHERE true"
    " ON CONFLICT (gram) DO UPDATE SET entries = search_gram.entries + excluded.entries"
)
CHANGES = {
    "sqlite": "json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(:changes)",
    "postgresql": "value ->> 0, CAST(value ->> 1 AS integer)"
    " FROM json_array_elements(CAST(:changes AS json))",
}


def store_entries(session: Session, resource: str, documents: Mapping[str, str | None]) -> None:
    """Update the entries of these rows: id → document as JSON, None if withdrawn."""
    entries = select(*SearchEntry.__table__.columns).where(SearchEntry.resource == resource)
    stored = {
        entry.id: entry
        for ids in parts(list(documents))
        for entry in session.execute(entries.where(SearchEntry.id.in_(ids)))
    }
    keys: defaultdict[int, set[str]] = defaultdict(set)
    references = select(SearchReference.number, SearchReference.key)
    for numbers in parts([entry.number for entry in stored.values()]):
        for at, key in session.execute(references.where(SearchReference.number.in_(numbers))):
            keys[at].add(key)
    texts = {id_: text for id_, text in documents.items() if text}
    marks = marks_of(session, BY_NAME[resource].model, [*texts])
    current = {id_: _entry(resource, id_, text, marks.get(id_, "")) for id_, text in texts.items()}
    number = session.scalar(select(func.coalesce(func.max(SearchEntry.number), 0))) or 0
    removed, added = [], []
    for id_ in documents:
        old, new = stored.get(id_), current.get(id_)
        if old and new:
            as_stored = {**old._mapping, "keys": keys[old.number]}
            if as_stored == {**new, "number": old.number}:
                continue
        if old:
            removed.append(dict(old._mapping))
        if new:
            number += not old
            added.append({**new, "number": old.number if old else number})
    change: Counter[str] = Counter()
    change.subtract(_unindex(session, removed))
    change.update(_index(session, added))
    _count(session, {gram: by for gram, by in change.items() if by})


def rebuild_entries(session: Session, most: int) -> int:
    """Rebuild at most this many entries of another folding version; returns how many there were.

    Call it until it returns 0, in a transaction for each batch or in one for all.
    """
    stale = select(SearchEntry.resource, SearchEntry.id).where(SearchEntry.folding != FOLDING)
    rows = session.execute(stale.order_by(SearchEntry.number).limit(most)).all()
    for kind in NOTICE_KINDS:
        table = kind.model
        ids = [row.id for row in rows if row.resource == kind.name]
        documents: dict[str, str | None] = dict.fromkeys(ids)
        for part in parts(ids):
            live = select(table.id, table.document).where(
                table.id.in_(part), table.withdrawn_at.is_(None)
            )
            documents |= {row.id: row.document for row in session.execute(live)}
        store_entries(session, kind.name, documents)
    return len(rows)


def _entry(resource: str, id_: str, document: str, marks: str) -> dict[str, Any]:
    fields = json.loads(document)
    title, *body = (folded(text) for _, text in texts_of(resource, fields))
    return {
        "resource": resource,
        "id": id_,
        "plan_id": fields.get(BY_NAME[resource].plan_member),
        "title": title,
        "body": BETWEEN_FIELDS.join(body),
        "marks": marks,
        "folding": FOLDING,
        "keys": {reference_key(text) for _, text in references_of(resource, fields)},
    }


def _index(session: Session, entries: Sequence[Mapping[str, Any]]) -> Counter[str]:
    """Add entries; returns the number of entries with each gram."""
    if entries:
        columns = SearchEntry.__table__.columns.keys()
        rows = [{c: entry[c] for c in columns} for entry in entries]
        session.connection().execute(insert(SearchEntry), rows)
        references = [
            {"key": key, "number": entry["number"]} for entry in entries for key in entry["keys"]
        ]
        if references:  # a code alone is none
            session.connection().execute(insert(SearchReference), references)
    return _for_each(session, INSERT, entries)


def _unindex(session: Session, entries: Sequence[Mapping[str, Any]]) -> Counter[str]:
    """Remove entries; returns the number of entries with each gram."""
    for numbers in parts([entry["number"] for entry in entries]):
        session.execute(delete(SearchEntry).where(SearchEntry.number.in_(numbers)))
    return _for_each(session, REMOVE, entries)


def _for_each(
    session: Session, statement: Mapping[str, str], entries: Sequence[Mapping[str, Any]]
) -> Counter[str]:
    """Run a statement on the index for each entry."""
    dialect = session.get_bind().dialect.name
    counted: Counter[str] = Counter()
    rows = []
    for entry in entries:
        parts_of_entry = (entry[name] for name in ("resource", "title", "body", "marks"))
        grams = grams_of_entry(*parts_of_entry)
        counted.update(grams)
        listed = " ".join(grams) if dialect == "sqlite" else grams
        rows.append({"number": entry["number"], "grams": listed})
    if rows:
        session.execute(text(statement[dialect]), rows)
    return counted


def _count(session: Session, change: Mapping[str, int]) -> None:
    """Add to the stored number of entries with each gram."""
    if not change:
        return
    connection = session.connection()
    changes = json.dumps([*change.items()], ensure_ascii=False)
    count = COUNT.format(CHANGES[connection.dialect.name])
    connection.execute(text(count), {"changes": changes})
    for grams in parts(sorted(gram for gram, by in change.items() if by < 0)):
        unused = SearchGram.gram.in_(grams), SearchGram.entries == 0
        connection.execute(delete(SearchGram).where(*unused))
