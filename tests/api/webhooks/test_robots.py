"""Robots of group chats are sent messages in words, one for each fact."""

import json
from datetime import timedelta

import pytest

from tests.support.practice import TASK, Service
from tests.support.receivers import (
    MILESTONES,
    PUBLIC_URL,
    WRITING,
    Receiver,
    deliveries,
    failing,
    settled,
    until,
)


def test_a_fact_is_one_card_about_the_fact(service: Service, receiver: Receiver) -> None:
    every = ["report.created", "report.updated", "measurement.created", "task.updated",
             "target.updated"]  # fmt: skip
    robot = f"{receiver.url}/robot"
    receiver.answers = [(200, b'{"errcode":0}')] * 10
    service.subscribe(url=robot, format="robot_markdown", secret=None, events=every)
    first = service.report().json()["id"]
    second = service.report(status="completed", replaces=first).json()["id"]
    service.post(f"/v1/reports/{second}/withdrawal", {"reason": "试验"}, "coordinator")
    measured = {"as_of": "2022-06-30", "value": 2, "unit": "个", "method": "试验"}
    service.post(f"/v1/targets/{TASK}-k1/measurements", measured)
    until(lambda: len(receiver.got) == 4 and settled(service))
    assert [(one["event"], one["resource_id"]) for one in deliveries(service)[::-1]] == [
        ("report.created", first),
        ("report.created", second),
        ("report.updated", second),
        ("measurement.created", f"{TASK}-k1-v1"),
    ]


def test_a_robot_is_told_in_words_and_says_no_by_errcode(
    service: Service, receiver: Receiver
) -> None:
    receiver.answers = [
        (200, b'{"errcode":45009,"errmsg":"api freq out of limit"}'),
        (200, b"<html>"),
        (200, b'{"errcode":0,"errmsg":"ok"}'),
    ]
    robot = f"{receiver.url}/cgi-bin/webhook/send?key=demo"
    service.subscribe(url=robot, format="robot_markdown", secret=None)
    report = service.report(summary="试验 [点这里](https://evil.example) <@all>").json()
    until(failing(service, 1))
    assert deliveries(service)[0]["last_error"] == "errcode 45009"
    service.now += timedelta(seconds=5) + WRITING
    until(failing(service, 2))
    assert deliveries(service)[0]["last_error"] == "no errcode in the response"
    service.now += timedelta(seconds=300) + WRITING
    until(lambda: settled(service))
    headers, body = receiver.got[0]
    assert "webhook-signature" not in headers
    content = json.loads(body)["markdown"]["content"]
    assert content.split("\n") == [
        "**进展报告 · 新增**",
        report["task"]["title"],
        "> 机构：省政务服务数据管理局",
        "> 截至：2022-06-30",
        "> 进展：正常推进",
        "试验 ［点这里］(https://evil.example) ＜@all＞",
        f"[查看]({PUBLIC_URL}{report['html_url']})",
    ]


def test_a_card_links_to_what_it_tells_of(service: Service, receiver: Receiver) -> None:
    receiver.answers = [(200, b'{"errcode":0}')]
    service.subscribe(
        url=receiver.url, format="robot_card", secret=None, events=["bulletin.created"]
    )
    bulletin = service.publish(title="试" * 30, body="验" * 200).json()
    until(lambda: receiver.got and settled(service))
    assert json.loads(receiver.got[0][1]) == {
        "msgtype": "template_card",
        "template_card": {
            "card_type": "text_notice",
            "main_title": {"title": "试" * 25 + "…", "desc": "通报 · 新增"},
            "sub_title_text": "验" * 111 + "…",
            "horizontal_content_list": [{"keyname": "日期", "value": "2023-02-01"}],
            "card_action": {"type": 1, "url": f"{PUBLIC_URL}/bulletins/{bulletin['id']}"},
        },
    }


@pytest.mark.parametrize(
    "odd", [b'{"errcode":"\\ud800"}', b'{"errcode":"\\u0000"}', b"[" * 60_000, b'{"errcode":1e99}']
)
def test_an_odd_answer_of_a_robot_is_a_no_and_holds_up_nobody(
    service: Service, receiver: Receiver, odd: bytes
) -> None:
    receiver.answers = [(200, odd), (200, b'{"errcode":0}'), (200, b'{"errcode":0}')]
    service.subscribe(
        url=receiver.url, format="robot_markdown", secret=None, events=["milestone.created"]
    )
    for number in range(2):
        service.post(MILESTONES, {"title": f"试验{number}", "due_on": "2022-09-30"})
    until(lambda: sorted(one["state"] for one in deliveries(service)) == ["delivered", "pending"])
    until(lambda: [one for one in deliveries(service) if one["last_error"]])
    service.now += timedelta(seconds=6) + WRITING
    until(lambda: settled(service))
    assert len(receiver.got) == 3
