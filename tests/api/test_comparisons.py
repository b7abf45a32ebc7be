"""How a plan goes on from an earlier one, over HTTP, with two years of 示例省."""

import asyncio
import sys
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
import yaml
from httpx2 import ASGITransport, AsyncClient
from sqlalchemy import update
from sqlalchemy.exc import OperationalError
from starlette.testclient import TestClient

from app.db.engine import open_engine
from app.db.models import Plan
from app.main import create_app
from app.projections.comparison import storing
from app.resources.comparisons import computing
from app.settings import Settings
from seed.load import load
from seed.notice_files import ReadNotice
from seed.plan import Continuation
from tests.support import LATER, ROOT
from tests.support.databases import Databases
from tests.support.statements import selects
from tests.support.years import example_notices, example_registry, fill_with_examples

HERE, THERE = "example-province-2026", "example-province-2025"
PATH = f"/v1/plans/{HERE}/comparison?with={THERE}"
UNRELATED = f"/v1/plans/{THERE}/comparison?with=gd-dg-2022"
PAIRS = yaml.load((ROOT / "tests" / "seed" / "lineage_pairs.yaml").read_bytes(), yaml.CSafeLoader)
BY_HAND = {(pair["there"], pair["here"]): pair["relation"] for pair in PAIRS["pairs"]}


@pytest.fixture
def url(databases: Databases) -> Iterator[str]:
    """A database with the examples, for one test."""
    with databases.copy_of("examples", fill_with_examples) as found:
        yield found


@pytest.fixture(scope="module")
def reading(databases: Databases) -> Iterator[TestClient]:
    """The service with the examples, for tests that write nothing."""
    with (
        databases.copy_of("examples", fill_with_examples) as url,
        TestClient(service(url)) as client,
    ):
        yield client


def service(url: str, **settings: Any) -> Any:
    return create_app(Settings(database_url=url, webhook_delivery=False, **settings))


@pytest.fixture(scope="module")
def comparison(reading: TestClient) -> dict[str, Any]:
    return dict(reading.get(PATH).json())


@pytest.fixture(scope="module")
def tasks(reading: TestClient) -> dict[str, dict[str, Any]]:
    """All tasks of both years, by their ids."""
    return {
        task["id"]: task
        for plan in (HERE, THERE)
        for task in reading.get(f"/v1/tasks?plan={plan}&limit=1000").json()["data"]
    }


def test_pairs_are_those_made_by_hand(comparison: dict[str, Any]) -> None:
    found = {
        (pair["there"]["code"], pair["here"]["code"]): pair["relation"]
        for pair in comparison["pairs"]
    }
    right = found.keys() & BY_HAND.keys()
    assert len(right) / len(found) >= 0.95
    assert len(right) / len(BY_HAND) >= 0.85
    assert sum(found[pair] == BY_HAND[pair] for pair in right) / len(right) >= 0.75


def test_every_task_of_both_plans_is_paired_or_stands_alone(
    comparison: dict[str, Any], tasks: dict[str, dict[str, Any]]
) -> None:
    paired = {pair[side]["id"] for pair in comparison["pairs"] for side in ("here", "there")}
    alone = [one["id"] for side in ("only_here", "only_there") for one in comparison[side]]
    assert not paired & {*alone}
    assert paired | {*alone} == tasks.keys()
    counts = comparison["counts"]
    assert counts["only_here"] + counts["only_there"] == len(alone)
    assert sum(counts.values()) == len(alone) + len(comparison["pairs"])
    for pair in comparison["pairs"]:
        onward = sum(pair["there"] == other["there"] for other in comparison["pairs"])
        back = sum(pair["here"] == other["here"] for other in comparison["pairs"])
        assert (onward > 1, back > 1) == (
            pair["relation"] == "split",
            pair["relation"] == "merged",
        ), pair


def test_differences_lead_from_one_text_to_the_other(
    comparison: dict[str, Any], tasks: dict[str, dict[str, Any]]
) -> None:
    for pair in comparison["pairs"]:
        here, there = tasks[pair["here"]["id"]], tasks[pair["there"]["id"]]
        for member in ("title", "body"):
            texts = {"here": here[member] or "", "there": there[member] or ""}
            parts = pair["diff"][member]
            for side, text in texts.items():
                assert "".join(_part(text, one[side]) for one in parts) == text
            assert (texts["here"] != texts["there"]) == (member in pair["changes"])
            for one in parts:
                now, before = (_part(texts[side], one[side]) for side in ("here", "there"))
                expected = {"equal": now == before, "inserted": not before, "deleted": not now}
                assert expected[one["op"]], (pair, one)
            assert all(one["op"] != after["op"] for one, after in pairwise(parts))


def _part(text: str, place: dict[str, int]) -> str:
    return text[place["start"] : place["end"]]


def test_targets_moved_as_both_notices_print(comparison: dict[str, Any]) -> None:
    moved = {
        pair["here"]["metric"]: (
            pair["there"]["value"], pair["here"]["value"], pair["difference"], pair["direction"],
        )
        for pair in comparison["targets"]
    }  # fmt: skip
    assert moved["省级政务云资源规模"] == (120000, 160000, 40000, "increase")
    assert moved["改造数据中心"] == (8, 5, -3, "decrease")
    assert moved["企业开办时间"] == (1, 0.5, -0.5, "decrease")
    assert moved["首席数据官专题培训"][2:] == (0, None)
    assert all(pair["here"]["unit"] == pair["there"]["unit"] for pair in comparison["targets"])


def test_agencies_have_the_numbers_of_their_tasks(
    reading: TestClient, comparison: dict[str, Any]
) -> None:
    agencies = comparison["agencies"]
    gains = [one["here"] - one["there"] for one in agencies]
    assert gains == sorted(gains, reverse=True)
    for one in (agencies[0], agencies[-1]):
        for side, plan in (("here", HERE), ("there", THERE)):
            listed = reading.get(f"/v1/tasks?plan={plan}&agency={one['agency']['id']}&limit=1000")
            assert len(listed.json()["data"]) == one[side], one


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        (f"{THERE}/comparison?with={HERE}", 422, f"/v1/plans/{HERE}/comparison?with={THERE}"),
        (f"{HERE}/comparison?with={HERE}", 422, "另一份"),
        (f"{HERE}/comparison?with=no-such-plan", 422, "/v1/plans"),
        (f"{HERE}/comparison?with={THERE}&with={THERE}", 422, "一次"),
        (f"{HERE}/comparison", 422, "缺少"),
        (f"no-such-plan/comparison?with={THERE}", 404, "/v1/plans"),
        (f"%00/comparison?with={THERE}", 404, "/v1/plans"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    reading: TestClient, path: str, status: int, words: str
) -> None:
    refused = reading.get(f"/v1/plans/{path}")
    assert refused.status_code == status
    assert words in refused.text


def test_a_withdrawn_plan_is_gone_from_comparisons_and_lineages(url: str) -> None:
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.execute(update(Plan).where(Plan.id == THERE).values(withdrawn_at=LATER))
    engine.dispose()
    with TestClient(service(url)) as client:
        assert client.get(PATH).status_code == 410
        assert client.get(UNRELATED).status_code == 410
        lineage = client.get(f"/v1/tasks/{HERE}-t1-1/lineage").json()["lineage"]
        assert [one["plan"]["id"] for one in lineage] == [HERE]


def test_a_stored_comparison_and_a_lineage_take_two_statements(
    url: str, statements: list[str]
) -> None:
    with TestClient(service(url, cache_megabytes=0)) as client:
        client.get("/v1/plans?limit=1")
        for path, number in ((PATH, 1), (f"/v1/tasks/{HERE}-t1-1/lineage", 2)):
            statements.clear()
            assert client.get(path).status_code == 200
            assert selects(statements) == number, statements


def test_a_lineage_is_the_same_from_either_end(reading: TestClient) -> None:
    lineage = reading.get(f"/v1/tasks/{HERE}-t3-4/lineage").json()["lineage"]
    assert [one["task"]["id"] for one in lineage] == [f"{HERE}-t3-4", f"{THERE}-t14"]
    ends = [[link["id"] for link in one["continues"]] for one in lineage]
    assert ends == [[f"{THERE}-t14"], []]
    whole = reading.get(f"/v1/tasks/{THERE}-t14/lineage").json()["lineage"]
    assert [one["task"]["code"] for one in whole] == ["3-3", "3-4", "14"]
    target = reading.get(f"/v1/targets/{HERE}-t1-1-k1/lineage").json()["lineage"]
    assert [(one["plan"]["year"], one["target"]["value"]) for one in target] == [
        (2026, 160000),
        (2025, 120000),
    ]


def test_a_pair_that_nobody_asked_for_is_computed_once_by_concurrent_requests(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    computed = []

    def count(inputs: computing.Inputs) -> str:
        computed.append(inputs)
        return document(inputs)

    document = computing._document
    monkeypatch.setattr(computing, "_document", count)

    async def ask(paths: list[str]) -> list[int]:
        app = service(url, cache_megabytes=0)
        async with app.router.lifespan_context(app):
            transport = ASGITransport(app)
            async with AsyncClient(transport=transport, base_url="http://test") as client:
                found = await asyncio.gather(*(client.get(path) for path in paths))
        assert len({one.text for one in found if one.status_code == 200}) <= 1
        return [one.status_code for one in found]

    assert asyncio.run(ask([UNRELATED] * 4)) == [200] * 4
    assert len(computed) == 1
    assert asyncio.run(ask([UNRELATED])) == [200]
    assert len(computed) == 1, "it was not stored"
    monkeypatch.setattr(computing, "MOST_AT_ONCE", 0)
    other = "/v1/plans/example-nation-2025/comparison?with=gd-dg-2022"
    assert asyncio.run(ask([other, UNRELATED])) == [503, 200]


def test_what_cannot_be_computed_or_stored_says_so_or_is_served_all_the_same(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with TestClient(service(url, cache_megabytes=0)) as client:
        with monkeypatch.context() as patched:
            patched.setattr(computing, "MOST_TASKS", 5)
            assert client.get(UNRELATED).status_code == 422
        with monkeypatch.context() as patched:
            patched.delitem(sys.modules, "app.projections.comparison.document", raising=False)
            patched.setitem(sys.modules, "lap", None)
            patched.delitem(sys.modules, "app.projections.comparison.similarity", raising=False)
            for name in ("pairing", "figures"):
                patched.delitem(sys.modules, f"app.projections.comparison.{name}", raising=False)
            assert client.get(UNRELATED).status_code == 503
            assert client.get(PATH).status_code == 200
        with monkeypatch.context() as patched:
            patched.setattr(computing, "store_comparison", _fails)
            served = client.get(UNRELATED)
            assert served.status_code == 200
        again = client.get(UNRELATED)
        assert again.content == served.content


def _fails(*_: Any, **__: Any) -> None:
    raise OperationalError(None, None, Exception("the disk is full"))


@pytest.fixture(scope="module")
def notice() -> ReadNotice:
    """The later year."""
    return next(one for one in example_notices() if one.plan.id == HERE)


def test_a_corrected_notice_is_compared_again_and_what_it_lost_is_gone(
    url: str, notice: ReadNotice, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = open_engine(url)
    with monkeypatch.context() as patched:
        patched.setattr("app.projections.comparison.document.Compared", _fails)
        load(engine, example_registry(), [notice], LATER)  # the same again: nothing is compared
    notice = deepcopy(notice)
    with TestClient(service(url)) as client:
        before, unrelated = client.get(PATH), client.get(UNRELATED)
        lost = notice.plan.sections[0].items[0]
        notice.plan.sections[0].items.remove(lost)
        load(engine, example_registry(), [notice], LATER)
        after = client.get(PATH)
        assert after.headers["etag"] != before.headers["etag"]
        assert after.json()["counts"]["only_there"] == before.json()["counts"]["only_there"] + 1
        assert client.get(f"/v1/tasks/{lost.id}/lineage").status_code == 410
        assert client.get(f"/v1/tasks/{THERE}-t1/lineage").json()["lineage"][0]["continues"] == []
        assert client.get(UNRELATED).content == unrelated.content
    engine.dispose()


def test_what_a_person_decided_wins(url: str, notice: ReadNotice) -> None:
    decided = [
        Continuation(THERE, "演示：同一件事", "1-7", "17", "extended"),
        Continuation(THERE, "演示：新的任务", "1-1"),
    ]
    notice = replace(notice, plan=replace(notice.plan, continues=decided))
    engine = open_engine(url)
    load(engine, example_registry(), [notice], LATER)
    engine.dispose()
    with TestClient(service(url)) as client:
        found = client.get(PATH).json()
        assert found["basis"] == "stated"
        assert "1-1" in [task["code"] for task in found["only_here"]]
        (pair,) = [pair for pair in found["pairs"] if pair["here"]["code"] == "1-7"]
        assert (pair["there"]["code"], pair["relation"], pair["basis"]) == (
            "17", "extended", "stated",
        )  # fmt: skip
        lineage = client.get(f"/v1/tasks/{HERE}-t1-7/lineage").json()["lineage"]
        assert lineage[0]["continues"][0]["basis"] == "stated"


def test_wrong_decisions_are_left_out_and_named_and_hold_up_nothing(
    url: str, notice: ReadNotice, monkeypatch: pytest.MonkeyPatch
) -> None:
    decided = [
        Continuation(THERE, "演示：同一件事", "1-7", "17", "extended"),
        Continuation(THERE, "演示：没有这一项", "1-1", "99"),
        Continuation(HERE, "演示：这一份自己"),
        Continuation("example-city-2026", "演示：较晚的一份", "1-2", None),
    ]
    notice = replace(notice, plan=replace(notice.plan, continues=decided))
    engine, left_out = open_engine(url), list[str]()
    with engine.begin() as connection:
        later = {"period_start_on": date(2027, 1, 1), "period_end_on": date(2027, 12, 31)}
        connection.execute(update(Plan).where(Plan.id == "example-city-2026").values(later))
    load(engine, example_registry(), [notice], LATER, left_out)
    assert left_out == [
        f"{HERE}: continues: {THERE} has no task {THERE}-t99",
        f"{HERE}: continues: {HERE} is this plan; expected an earlier one",
        f"{HERE}: continues: example-city-2026 is the later plan of the two",
    ]
    with TestClient(service(url)) as client:
        lineage = client.get(f"/v1/tasks/{HERE}-t1-7/lineage").json()["lineage"]
        assert lineage[0]["continues"][0]["basis"] == "stated"
    left_out.clear()
    monkeypatch.setattr(storing, "MOST_TASKS", 10)
    notice = replace(notice, plan=replace(notice.plan, continues=[]))
    load(engine, example_registry(), [notice], LATER, left_out)
    assert left_out == [f"{HERE}: its comparison with {THERE}: one has more than 10 tasks"]
    engine.dispose()
