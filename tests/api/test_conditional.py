"""Revalidating costs nothing, and an acknowledged write is seen by the next read."""

import asyncio
import gzip

import pytest
from starlette.testclient import TestClient

from app.db.engine import open_engine, open_reading
from app.db.revision import DataVersion, open_revisions
from app.enums import Script
from app.main import create_app
from app.middleware.response_cache import Variant, finished
from app.settings import Settings
from seed.load import load
from seed.notice_files import ReadNotice
from seed.registry import Registry
from tests.support import EPOCH, LOADED_AT
from tests.support.databases import Databases

PATHS = ["/v1", "/v1/tasks", "/v1/tasks?agency=gd-energy", "/v1/tasks/gd-dg-2022-t1",
         "/v1/plans/gd-dg-2022/text", "/v1/plans/gd-dg-2022/text?format=text"]  # fmt: skip
LAST_MODIFIED = "Fri, 02 Jan 2026 03:04:05 GMT"


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_has_validators(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.headers["etag"].startswith('"')
    assert answer.headers["last-modified"] == LAST_MODIFIED
    assert answer.headers["cache-control"] == "public, max-age=60, stale-while-revalidate=600"
    assert answer.headers["vary"] == "Accept, Accept-Encoding, Accept-Language"
    assert client.get(path).headers["etag"] == answer.headers["etag"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If-None-Match": "{etag}"}, 304),
        ({"If-None-Match": "W/{etag}"}, 304),
        ({"If-None-Match": '"other", {etag}'}, 304),
        ({"If-None-Match": "*"}, 304),
        ({"If-None-Match": '"other"'}, 200),
        ({"If-None-Match": ""}, 200),
        ({"If-None-Match": "{etag}x"}, 304),  # a list read as far as it goes
        ({"If-None-Match": "x{etag}"}, 304),
        ({"If-Modified-Since": LAST_MODIFIED}, 304),
        ({"If-Modified-Since": "Sat, 03 Jan 2026 03:04:05 GMT"}, 200),  # of another clock
        ({"If-Modified-Since": "Fri, 02 Jan 2026 03:04:04 GMT"}, 200),
        ({"If-Modified-Since": "yesterday"}, 200),
        ({"If-Modified-Since": "Fri, 02 Jan 99999 03:04:05 GMT"}, 200),
        ({"If-Modified-Since": "1 Jan 2022 99999999999999999999:0:0"}, 200),
        ({"If-Modified-Since": "Sat, 03 Jan 2026 99:99:99 GMT"}, 200),
        ({"If-Modified-Since": "Sat, 31 Feb 2026 00:00:00 GMT"}, 200),
        ({"If-Modified-Since": "3 Jan 2026 03:04:05"}, 200),  # none of HTTP's three forms
        ({"If-Modified-Since": "Sat, 03 Jan 2026 03:04:05 +0800"}, 200),
        ({"If-Modified-Since": "Friday, 02-Jan-26 03:04:05 GMT"}, 304),
        ({"If-Modified-Since": "Fri Jan  2 03:04:05 2026"}, 304),
        ({"If-Modified-Since": "Thu Jan  1 03:04:05 2026"}, 200),
        ({"If-None-Match": '"other"', "If-Modified-Since": LAST_MODIFIED}, 200),
        ({"If-None-Match": "{etag}", "If-Modified-Since": "yesterday"}, 304),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_conditions(client: TestClient, method: str, headers: dict[str, str], status: int) -> None:
    whole = client.get("/v1/tasks")
    given = {name: value.format(etag=whole.headers["etag"]) for name, value in headers.items()}
    answer = client.request(method, "/v1/tasks", headers=given)
    assert answer.status_code == status
    if status == 304:
        assert answer.content == b""
        for name in ("etag", "last-modified", "cache-control", "vary", "link"):
            assert answer.headers[name] == whole.headers[name]
        assert "content-type" not in answer.headers


def test_encodings_are_representations_of_their_own(client: TestClient) -> None:
    plain = client.get("/v1/tasks", headers={"Accept-Encoding": "identity"})
    packed = client.get("/v1/tasks", headers={"Accept-Encoding": "br;q=1, gzip;q=0.5"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content
    assert packed.headers["etag"] != plain.headers["etag"]
    for refused in ("gzip;q=0", "", "br", "*;q=0"):
        answer = client.get("/v1/tasks", headers={"Accept-Encoding": refused})
        assert "content-encoding" not in answer.headers
    other = {"Accept-Encoding": "gzip", "If-None-Match": plain.headers["etag"]}
    assert client.get("/v1/tasks", headers=other).status_code == 200


def test_failures_are_not_kept(client: TestClient) -> None:
    for path, status in (("/v1/tasks?limit=0", 422), ("/v1/tasks/none", 404), ("/v1/nothing", 404)):
        answer = client.get(path, headers={"If-None-Match": "*"})
        assert answer.status_code == status
        assert answer.headers["cache-control"] == "no-store"
        assert "etag" not in answer.headers


def test_the_tag_is_the_same_on_every_machine_with_the_same_data(
    on_sqlite: Databases, client: TestClient, registry: Registry, notice: ReadNotice
) -> None:
    with on_sqlite.with_tables() as url:
        engine = open_engine(url)
        load(engine, registry, [notice], LOADED_AT)  # documents say when they changed
        engine.dispose()
        with TestClient(create_app(Settings(database_url=url, cache_megabytes=0))) as other:
            for path in PATHS[1:]:
                assert other.get(path).headers["etag"] == client.get(path).headers["etag"]


def test_concurrent_askers_never_share_a_reading_begun_before_them(database_url: str) -> None:
    async def ask() -> set[DataVersion | None]:
        database = open_reading(database_url, pool_size=4)
        revisions = open_revisions(database)
        versions = await asyncio.gather(*(revisions.current() for _ in range(50)))
        versions += [await revisions.current()]
        await revisions.close()
        await database.close()
        return set(versions)

    assert asyncio.run(ask()) == {DataVersion(1, LOADED_AT, EPOCH, LOADED_AT)}


def test_compressed_bytes_are_always_the_same() -> None:
    version = DataVersion(1, LOADED_AT, EPOCH, LOADED_AT)
    variant = Variant(b"", "gzip", Script.HANS)
    one, two = (finished([], b"a" * 5000, variant, version, LOADED_AT) for _ in range(2))
    assert one.body == two.body
    assert gzip.decompress(one.body) == b"a" * 5000
