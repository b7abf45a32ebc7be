"""What a worker remembers of requests is bounded by bytes, however long they are."""

import tracemalloc
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.chinese.folding import MOST_FOLDS, _folds
from app.db.models import Milestone, Target
from app.main import create_app
from app.reading.bounded import ENTRY, BoundedMap, digest
from app.reading.listing import (
    MOST_BYTES_OF_TOTALS,
    TOTAL,
    Listing,
    count_statement,
    page_statement,
)
from app.reading.names import MOST_SHAPES
from app.reading.ways import ANY, MOST_PERIODS, Shape, is_start
from app.resources.deadlines.queries import COLUMNS, SCHEDULED, STATED
from app.resources.targets.queries import TARGETS
from app.resources.tasks.queries import TASKS
from app.settings import Settings
from tests.support.cache import cache_of

ROOM = 1_000_000
LARGEST_STATEMENT = 104_000


@pytest.mark.parametrize("size", [10, 300, 5_000])
def test_a_map_takes_no_more_memory_than_it_counts(size: int) -> None:
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        kept: BoundedMap[bytes, bytes] = BoundedMap(ROOM)
        for number in range(3 * ROOM // size):
            kept.put(digest(number), bytes(size), size + 16)
        taken = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert ROOM * 0.9 < kept.bytes <= ROOM
    assert kept.bytes == sum(counted for _, counted in kept.entries.values())
    assert taken <= ROOM


def test_the_least_recently_used_goes_first_and_what_is_too_large_is_not_kept() -> None:
    kept: BoundedMap[str, str] = BoundedMap(16 * (ENTRY + 100))
    for number in range(16):
        kept.put(str(number), "", 100)
    assert kept.get("0") == ""
    kept.put("0", "again", 100)
    kept.put("16", "", 100)
    assert (kept.get("0"), kept.get("1"), kept.get("16")) == ("again", None, "")
    kept.put("17", "", kept.most_bytes // 8)
    assert kept.get("17") is None


def test_long_requests_are_remembered_in_few_bytes(database_url: str) -> None:
    """Lists of ids, headers and addresses of many kilobytes, each another one."""
    app = create_app(Settings(database_url=database_url, webhook_delivery=False, cache_megabytes=1))
    with TestClient(app) as client:
        for number in range(60):
            ids = "".join(f"&id=gd-dg-2022-t{n}" for n in range(1, 90))
            headers = {"Accept": f"application/json, text/x{number}{'y' * 3000}"}
            answer = client.get(f"/v1/tasks?limit=1{ids}&id=x{number}", headers=headers)
            assert answer.status_code == 200
    cache = cache_of(app.middleware_stack)
    counted = app.state.totals.counted
    assert len(counted.entries) == 60
    assert counted.bytes <= 60 * (ENTRY + TOTAL) < MOST_BYTES_OF_TOTALS
    assert {len(key) for key in [*counted.entries, *cache.responses.entries]} == {16}
    assert not cache.keys.entries  # none is so short that it is looked up as it came
    assert cache.responses.bytes + cache.keys.bytes <= 1_000_000


def test_the_wordings_of_requests_are_bounded_with_the_responses(database_url: str) -> None:
    app = create_app(Settings(database_url=database_url, webhook_delivery=False, cache_megabytes=1))
    cache = cache_of(app.middleware_stack)
    with TestClient(app) as client:
        for number in range(400):
            accept = ", ".join(["application/json", *(f"x/{number:060}" for _ in range(3))])
            client.get("/v1/tasks/gd-dg-2022-t1", headers={"Accept": accept})
    assert 0 < cache.keys.bytes <= cache.keys.most_bytes < 1_000_000 / 10
    assert cache.responses.bytes <= cache.responses.most_bytes
    assert cache.keys.most_bytes + cache.responses.most_bytes <= 1_000_000


def test_characters_of_requests_are_remembered_up_to_a_bound(database_url: str) -> None:
    """Clients choose them: all of Unicode, in 232 requests of 64 KB, took 180 MB of each worker."""
    app = create_app(Settings(database_url=database_url, webhook_delivery=False))
    characters = [chr(0x20000 + at) for at in range(MOST_FOLDS + 1_000)]
    seen = set()
    with TestClient(app) as client:
        for start in range(0, len(characters), 4_800):
            names = ["".join(characters[at : at + 200]) for at in range(start, start + 4_800, 200)]
            answer = client.get("/v1/tasks", params={"agency": [name for name in names if name]})
            assert answer.status_code == 422
            seen.add(len(_folds()))
            assert len(_folds()) <= MOST_FOLDS
        assert max(seen) > 4_800
        found = client.get("/v1/agencies?name=省⺠政厅").json()["data"]
    assert [one["name"] for one in found] == ["省民政厅"]


def largest(made: Any) -> int:
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        statement = made()
        statement._generate_cache_key()  # which the statement remembers
        return tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("listing", [TASKS, TARGETS])
def test_statements_with_every_filter_fit_the_room_that_their_number_is_for(
    listing: Listing,
) -> None:
    active = listing.active(dict.fromkeys(listing.filters))
    assert len(active) > 10
    for made in (page_statement, count_statement):
        assert made.cache_parameters()["maxsize"] == MOST_SHAPES

    def largest_page(listing: Listing, sort: str, shape: Shape, more: tuple[Any, ...] = ()) -> int:
        names = [*listing.filters]
        if shape != ANY.shape:  # where a filter leaves few rows, there is no other way
            names = [name for name, one in listing.filters.items() if not is_start(name, one)]
        every = listing.active(dict.fromkeys(names))
        statement = page_statement.__wrapped__
        return largest(lambda: statement(listing, every, sort, after=True, shape=shape, more=more))

    sizes = [largest(lambda: count_statement.__wrapped__(listing, active))]
    for shape in (ANY.shape, Shape(is_of_ids=True), Shape(periods=MOST_PERIODS)):
        sizes.append(largest_page(listing, "-changed_at", shape))
        if listing is TARGETS:
            sizes.append(largest_page(STATED, "due_on", shape, COLUMNS[Target]))
    if listing is TARGETS:
        sizes.append(largest_page(SCHEDULED, "due_on", ANY.shape, COLUMNS[Milestone]))
    assert 1_000 < max(sizes) <= LARGEST_STATEMENT, sizes
