"""`/search`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from app.kinds import ResourceKind
from app.pages.reading import Api, Rows
from app.pages.rendering import View
from app.resources.search.routes import search as search_all

PAGE = 50
MOST_SUGGESTIONS = 6


@dataclass(frozen=True, kw_only=True)
class SearchView(View):
    """Hits, and why they match."""

    template: ClassVar = "search.html"
    q: str
    params: dict[str, Any]
    hits: Rows | None  # None before anything is searched for
    suggestions: Sequence[str]
    kinds: Sequence[ResourceKind]


async def search(api: Api) -> View:
    """`/search`: one response; if it is empty, at most six that look for shorter words."""
    params = api.given("q", "kind", "plan")
    hits: Rows | None = None
    suggestions: Sequence[str] = ()
    if "q" in params:
        hits = await api.rows(search_all, {**params, "limit": PAGE, **api.given("cursor")})
        if not hits.total:
            suggestions = await _that_occur(api, params["q"][0])
    return SearchView(
        q=params.get("q", [""])[0],
        params=params,
        hits=hits,
        suggestions=suggestions,
        kinds=list(ResourceKind),
        json=hits.href if hits else None,
    )


async def _that_occur(api: Api, query: str) -> list[str]:
    """Parts of a query that are in some text: its words, else pairs of neighbouring characters."""
    words = query.split()
    pairs = [word[i : i + 2] for word in words for i in range(len(word) - 1)]
    parts = words if len(words) > 1 else pairs
    candidates = [part for part in dict.fromkeys(parts) if part != query][:MOST_SUGGESTIONS]
    return [
        part for part in candidates if (await api.rows(search_all, {"q": part, "limit": 1})).total
    ]
