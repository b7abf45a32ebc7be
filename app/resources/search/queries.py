"""Searching all resources at once."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from fastapi import Request, Response
from sqlalchemy import ColumnElement, Select, and_, literal, or_, select, union_all

from app.chinese.folding import folded, folded_with_places
from app.db.engine import Reader
from app.db.models import Plan, SearchEntry
from app.http.paths import prefixed
from app.kinds import BY_NAME, ResourceKind
from app.projections.marks import is_marked
from app.projections.ngrams import SEARCHED, reference_key, references_of, texts_of
from app.reading.asked_marks import marks_for
from app.reading.cursors import filters_of
from app.reading.filters import among, declared, one_of
from app.reading.governments import GovernmentFilters, of_entries
from app.reading.list_params import PageInfo
from app.reading.listing import Totals, count, read_values
from app.reading.names import Lookup
from app.reading.paging import links, ranked_page
from app.reading.search import Search, Tier, read_search
from app.resources.search.schemas import Match, SearchHit, SearchPage, SearchQuery, Snippet

BEFORE, LONGEST = 20, 80  # code points of a snippet: before its first match, and in all


# `plan` is a condition on entries; the others are on what the entries are of.
FILTERS = {
    **declared(GovernmentFilters),
    "plan": among(SearchEntry.plan_id, lookup=Lookup(Plan.id)),
}


@lru_cache
def _conditions(active: frozenset[str], resources: Sequence[str]) -> list[ColumnElement[bool]]:
    """The conditions of the active filters on entries of these resources."""
    names = sorted(active - {"plan"})
    of_plan = [one_of(SearchEntry.plan_id, "plan")] if "plan" in active else []
    return [*of_plan, *([of_entries(names, resources)] if names else [])]


async def search(request: Request, reader: Reader, params: SearchQuery) -> Response:
    """A page of hits; at most five statements."""
    values = await read_values(reader, params, FILTERS, {})
    kinds = [kind.value for kind in params.kind or ResourceKind]
    asked = marks_for(Plan, FILTERS, {}, values)  # as of any that has all marks of plans
    found = await read_search(reader, kinds, params.q, asked.groups)

    def kinds_and_ids(entries: Select[Any]) -> Any:
        return entries.where(*of_others).with_only_columns(SearchEntry.resource, SearchEntry.id)

    marked, others = _parted(found, [*values])
    matching = _conditions(frozenset(values), tuple(others)) if others else []
    of_others = matching
    if marked:  # the index has looked at these
        of_others = [or_(SearchEntry.resource.in_(marked), and_(*matching))] if others else []
    total = None if values else found.exact_total
    if total is None:
        totals: Totals = request.app.state.totals
        counted = _count(found, matching, marked, others)
        total = await totals.of(reader, filters_of(request), lambda: count(reader, counted, values))
    rows, cursor = await ranked_page(
        reader, found, params.limit, params.cursor, filters_of(request), kinds_and_ids, values
    )
    documents = await _documents(reader, [(row.resource, row.id) for row in rows])
    tiers, prefix = found.tiers(), prefixed(request.scope, "")
    page = SearchPage(
        data=[
            _hit(row.resource, documents[row.resource, row.id], tiers[row.tier], found, prefix)
            for row in rows
        ],
        page=PageInfo(limit=params.limit, total=total, next=cursor, missing=[]),
    )
    headers = links(request, cursor)
    return Response(page.model_dump_json(), media_type="application/json", headers=headers)


def _count(
    found: Search,
    matching: Sequence[ColumnElement[bool]],
    marked: Sequence[str],
    others: Sequence[str],
) -> Select[Any]:
    """The number of hits: by marks alone of what has marks for all filters."""
    if not marked:
        return found.count(*matching)
    number = replace(found, resources=marked).count().scalar_subquery()
    if not others:
        return select(number)
    return select(number + replace(found, resources=others).count(*matching).scalar_subquery())


def _parted(found: Search, names: Sequence[str]) -> tuple[list[str], list[str]]:
    """The resources of which the index finds what meets these filters, and the others.

    It has no marks of what only a reference finds.
    """
    marked = [
        kind
        for kind in found.resources
        if len(found.marks) == len(names)
        and not (names and found.keys)
        and all(is_marked(BY_NAME[kind].model, name) for name in names)
    ]
    return marked, [kind for kind in found.resources if kind not in marked]


async def _documents(
    reader: Reader, found: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], Any]:
    """The documents of rows of any resource; one statement."""
    ids: dict[str, list[str]] = defaultdict(list)
    for resource, id_ in found:
        ids[resource].append(id_)
    if not ids:
        return {}
    parts = (
        select(literal(resource), table.id, table.document).where(table.id.in_(params))
        for resource, params in ids.items()
        for table in [BY_NAME[resource].model]
    )
    rows = await reader.execute(union_all(*parts))
    return {(resource, id_): json.loads(document) for resource, id_, document in rows}


def _hit(
    resource: str, document: dict[str, Any], tier: Tier, found: Search, prefix: str
) -> SearchHit:
    texts, words = texts_of(resource, document), found.words
    if tier.by_reference:
        texts = references_of(resource, document)
        texts = [one for one in texts if reference_key(one[1]) in found.keys]
        words = [folded(text) for _, text in texts]
    kind = BY_NAME[resource]
    return SearchHit(
        kind=ResourceKind(kind.name),
        kind_label=kind.label,
        id=document["id"],
        plan=document.get(kind.plan_member),
        is_example=document["is_example"],
        title=document[SEARCHED[resource].title],
        href=f"{prefix}{kind.path}/{document['id']}",
        html_url=kind.html_url(document),
        score=tier.score,
        snippet=_snippet(texts, words),
    )


def _snippet(texts: Sequence[tuple[str, str]], words: Sequence[str]) -> Snippet:
    """The first text with the most of the words, cut around the first of them."""
    places = [_places(text, words) for _, text in texts]
    best = max(range(len(texts)), key=lambda i: (len({word for *_, word in places[i]}), -i))
    field, text = texts[best]
    first = min((start for start, *_ in places[best]), default=0)
    start = max(0, min(first - BEFORE, len(text) - LONGEST))
    end = max(start + LONGEST, max((e for s, e, _ in places[best] if s == first), default=0))
    matches: list[Match] = []
    for here, there, _ in sorted(places[best], key=lambda place: (place[0], -place[1])):
        if there <= end and (not matches or here - start >= matches[-1].end):
            matches.append(Match(start=here - start, end=there - start))
    return Snippet(field=field, start=start, text=text[start:end], matches=matches)


def _places(text: str, words: Sequence[str]) -> list[tuple[int, int, str]]:
    """All occurrences of the words in a text: start, end, word."""
    plain, origins = folded_with_places(text)
    found = []
    for word in words:
        at = plain.find(word)
        while at >= 0:
            found.append((origins[at], origins[at + len(word) - 1] + 1, word))
            at = plain.find(word, at + len(word))
    return found
