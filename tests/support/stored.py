"""What a database holds, to be compared."""

import json
from collections import Counter, defaultdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.engine import open_engine
from app.db.models import SearchEntry, SearchGram, SearchReference
from app.projections import documents
from app.projections.feed_entries import NOT_CONTENT
from app.projections.ngrams import grams_of_entry


def snapshot(url: str) -> list[tuple[Any, ...]]:
    """All documents."""
    engine = open_engine(url)
    with Session(engine) as session:
        stored = [
            (resource, id_, document)
            for resource, id_, document in documents.stored_documents(session)
        ]
    engine.dispose()
    return stored


def contents(url: str) -> list[tuple[str, str, Any]]:
    """All documents, less what says which version of them this is."""
    return [
        (resource, id_, _unversioned(json.loads(document)))
        for resource, id_, document in snapshot(url)
    ]


def _unversioned(value: Any) -> Any:
    """Tasks hold their targets, versions and all."""
    if isinstance(value, dict):
        kept = {key: one for key, one in value.items() if key not in NOT_CONTENT}
        return {key: _unversioned(one) for key, one in kept.items()}
    return [_unversioned(one) for one in value] if isinstance(value, list) else value


def marks_of_entries(url: str) -> dict[tuple[str, str], str]:
    """The marks of each entry: resource and id → marks."""
    engine = open_engine(url)
    with Session(engine) as session:
        marks = select(SearchEntry.resource, SearchEntry.id, SearchEntry.marks)
        found = {(resource, id_): of_entry for resource, id_, of_entry in session.execute(marks)}
    engine.dispose()
    return found


def search_index(url: str) -> tuple[set[tuple[Any, ...]], dict[str, int], dict[str, int]]:
    """The entries and their references, the counts of grams as stored, and as the entries give them."""
    engine = open_engine(url)
    with Session(engine) as session:
        entries = session.execute(select(*SearchEntry.__table__.columns)).all()
        keys: defaultdict[int, set[str]] = defaultdict(set)
        for number, key in session.execute(select(SearchReference.number, SearchReference.key)):
            keys[number].add(key)
        grams = select(SearchGram.gram, SearchGram.entries)  # thousands, so no objects
        stored = {gram: number for gram, number in session.execute(grams)}  # noqa: C416 - rows
    engine.dispose()
    counted = Counter(
        gram for e in entries for gram in grams_of_entry(e.resource, e.title, e.body, e.marks)
    )
    found = {
        (e.resource, e.id, e.plan_id, e.title, e.body, e.folding, frozenset(keys[e.number]))
        for e in entries
    }
    return found, stored, dict(counted)
