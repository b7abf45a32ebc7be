"""What only some may read: never cached, in the reader's language, and without a turn of the writer."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event
from starlette.responses import Response
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from app.db.models import ApiKey
from app.db.revision import DataVersion
from app.middleware.response_cache import ResponseCache
from app.writing.audit_log import lines_after
from app.writing.keys import key_id
from tests.support import EPOCH
from tests.support.cache import cache_of
from tests.support.practice import NOW, WEBHOOKS, Service, practising

TRADITIONAL = "zh-Hant"


@pytest.fixture
def service(loaded_url: str) -> Iterator[Service]:
    with practising(loaded_url) as alive:
        yield alive


def cached(layer: ASGIApp | None) -> int:
    """How many responses the cache of a service has."""
    return len(cache_of(layer).responses.entries)


class Unchanging:
    """Data that never change."""

    async def current(self) -> DataVersion:
        return DataVersion(1, NOW, EPOCH, NOW)

    async def close(self) -> None:
        raise NotImplementedError


@pytest.mark.parametrize(
    ("headers", "is_cached"),
    [
        ({}, True),
        ({"Cache-Control": "no-store"}, False),
        ({"Cache-Control": "private, no-store"}, False),
        ({"ETag": '"1"'}, False),  # which has its validators already, as an export
    ],
)
def test_the_cache_goes_by_no_store(headers: dict[str, str], is_cached: bool) -> None:
    inner = Response("{}", headers=headers)
    cache = ResponseCache(inner, Unchanging(), 1_000_000, lambda: NOW)
    answer = TestClient(cache).get("/v1/things")
    assert (cached(cache) == 1) is is_cached
    if not is_cached:
        assert answer.headers == inner.headers  # as it came


def test_a_private_response_is_never_cached(service: Service) -> None:
    hook = service.subscribe().json()["id"]
    for path in (WEBHOOKS, f"{WEBHOOKS}/{hook}", f"{WEBHOOKS}/{hook}/deliveries"):
        answer = service.private(path)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        assert cached(service.app.middleware_stack) == 0
        assert service.client.get(path).status_code == 401
    service.json("/v1")
    assert cached(service.app.middleware_stack) == 1  # as is what everybody may read


def test_it_is_in_the_language_of_its_reader_and_its_tag_says_so(service: Service) -> None:
    path = f"{WEBHOOKS}/{service.subscribe().json()['id']}"
    simplified = service.private(path)
    traditional = service.private(path, Accept_Language=TRADITIONAL)
    assert simplified.json()["format_label"] == "Standard Webhooks，签名的 JSON"
    assert traditional.json()["format_label"] == "Standard Webhooks，簽名的 JSON"
    assert simplified.headers["content-language"] == "zh-Hans"
    assert traditional.headers["content-language"] == TRADITIONAL
    tags = [answer.headers["etag"] for answer in (simplified, traditional)]
    assert tags[0] != tags[1]
    known = service.private(path, Accept_Language=TRADITIONAL, If_None_Match=tags[1])
    assert (known.status_code, known.content) == (304, b"")
    assert service.private(path, If_None_Match=tags[1]).status_code == 200
    for language in ("zh-Hans", TRADITIONAL):  # either is a tag to change it with
        tag = service.private(path, Accept_Language=language).headers["etag"]
        changed = service.patch(path, {"enabled": True}, None, "admin", If_Match=tag)
        assert changed.status_code == 200


def test_its_key_is_marked_as_used_once_a_day(service: Service) -> None:
    written: list[Any] = []  # transactions
    event.listen(service.app.state.writer.engine, "begin", written.append)

    def read() -> int:
        written.clear()
        assert service.private(WEBHOOKS).status_code == 200
        return len(written)

    key = service.key("admin")
    assert [read(), read()] == [1, 0]
    service.now += timedelta(days=1)
    assert [read(), read()] == [1, 0]
    with service.session() as session:
        assert session.get_one(ApiKey, key_id(key)).last_used_at == service.now


def test_it_waits_for_no_writer(service: Service) -> None:
    service.private(WEBHOOKS)  # which marks its key as used
    held = threading.Event()
    service.app.state.writer.thread.submit(held.wait)
    try:
        assert service.private(WEBHOOKS).status_code == 200
    finally:
        held.set()


def test_its_refusals_are_lines_of_the_audit_log(service: Service) -> None:
    service.subscribe()
    refused = [
        service.private(WEBHOOKS, "coordinator"),
        service.private(f"{WEBHOOKS}/webhook-9"),
        service.private(f"{WEBHOOKS}?cursor=x"),
    ]
    assert [answer.status_code for answer in refused] == [403, 404, 422]
    with service.session() as session:
        lines = [json.loads(row.line) for row in lines_after(session)]
    told = [(one["operation"], one["status"]) for one in lines if one["outcome"] == "refused"]
    assert told == [("listWebhooks", 403), ("getWebhook", 404), ("listWebhooks", 422)]
