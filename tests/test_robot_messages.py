"""Messages for group robots: within the lengths that such apps document, whatever there is to tell."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.db.models import Change
from app.enums import ChangeOperation, WebhookFormat
from app.kinds import KINDS
from app.kinds.kind import Kind
from app.resources.webhooks.messages import Notification, for_robot, notification_of
from tests.support.databases import Databases
from tests.support.practice import Service, practising

URL = "https://plans.example.gov.cn/v1/reports/gd-dg-2022-t17.2-r1"
# What a notice or a body may hold, and what means something in Markdown.
TEXT = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from("<>[]`*#\n"), max_size=5000
)
TOLD = st.builds(
    Notification,
    heading=st.just("进展报告 · 新增"),
    title=TEXT,
    facts=st.lists(st.tuples(st.sampled_from(["机构", "六个字的名称"]), TEXT), max_size=9),
    text=TEXT,
    url=st.just(URL),
)


LONG = Notification(
    "进展报告 · 新增", "试" * 200, [("机构", "验" * 200)] * 9, "a" + "测" * 4000, URL
)


def message(format_: WebhookFormat, told: Notification) -> Any:
    return json.loads(for_robot(format_, told).body)


@given(TOLD)
@example(LONG)
def test_markdown_has_4096_bytes_at_the_most_and_keeps_its_link(told: Notification) -> None:
    content = message(WebhookFormat.ROBOT_MARKDOWN, told)["markdown"]["content"]
    assert len(content.encode()) <= 4096
    assert content.startswith("**进展报告 · 新增**\n")
    assert content.endswith(f"\n[查看]({URL})")
    said = content.removeprefix("**进展报告 · 新增**").removesuffix(f"[查看]({URL})")
    assert not set(said) & set("<[]`*#")
    lines = said.strip("\n").split("\n")
    assert not [line for line in lines[1:] if ">" in line.removeprefix("> ")]


@given(TOLD)
@example(LONG)
def test_a_card_keeps_every_length(told: Notification) -> None:
    card = message(WebhookFormat.ROBOT_CARD, told)["template_card"]
    assert len(card["main_title"]["title"]) <= 26
    assert len(card["main_title"]["desc"]) <= 30
    assert len(card["sub_title_text"]) <= 112
    assert len(card["horizontal_content_list"]) <= 6
    for pair in card["horizontal_content_list"]:
        assert len(pair["keyname"]) <= 5
        assert len(pair["value"]) <= 26


def test_what_fits_is_told_whole() -> None:
    told = Notification("任务 · 更新", "试" * 26, [("期限", "2022-12-31")], "验" * 112, URL)
    card = message(WebhookFormat.ROBOT_CARD, told)["template_card"]
    assert card["main_title"]["title"] == told.title
    assert card["sub_title_text"] == told.text


@pytest.fixture(scope="module")
def reported(databases: Databases) -> Iterator[Service]:
    """With one fact of each kind."""
    with databases.loaded() as url, practising(url) as alive:
        alive.one_of_each()
        yield alive


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_of_thing_has_a_title(kind: Kind, reported: Service) -> None:
    rows = reported.json(kind.path)["data"]
    assert rows
    for row in rows:
        change = Change(
            seq=1,
            at=datetime.now(UTC),
            op=ChangeOperation.UPDATED,
            resource=kind.name,
            id=row["id"],
        )
        told = notification_of(change, row, URL)
        assert told.title
        assert all(isinstance(value, str) for _, value in told.facts)
