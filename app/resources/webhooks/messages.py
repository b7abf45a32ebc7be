"""What is sent of an event: a signed JSON message, or a message of a group robot.

The signed form is of Standard Webhooks (github.com/standard-webhooks): it names what has changed and
where it is to be read, and is the same at each attempt.  The others are for people, in the two forms
that robots of WeCom-style apps take, within the lengths that these document.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from standardwebhooks import Webhook as Signer

from app.db.models import Change
from app.enums import PublishedKind, WebhookFormat, labelled
from app.formats.titles import TITLES
from app.projections.change_feed import event_of
from app.projections.fact_documents import moment
from app.projections.json_text import Document

MARKDOWN_BYTES = 4096
TITLE, DESCRIPTION, SUB_TITLE, KEY, VALUE, PAIRS = 26, 30, 112, 5, 26, 6  # characters; pairs
MORE = "…"
# In a robot's Markdown these make links, mentions, colours and emphasis; there is no way to escape.
PLAIN = str.maketrans("<>[]`*#\r\n\t", "＜＞［］｀＊＃   ")


@dataclass(frozen=True)
class Message:
    """One POST, less its address."""

    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Told:
    """What people are told of an event."""

    heading: str  # 进展报告 · 新增
    title: str
    facts: list[tuple[str, str]]
    text: str
    url: str | None  # where it is to be read


def signed(change: Change, path: str, id_: str, secret: str, now: datetime) -> Message:
    """The message of Standard Webhooks; `now` is signed, so that an old one cannot be sent again."""
    body = json.dumps(
        {
            "type": event_of(change.resource, change.op),
            "timestamp": moment(change.at),
            "data": {
                "seq": change.seq,
                "at": moment(change.at),
                **labelled("op", change.op),
                **labelled("resource", PublishedKind(change.resource)),
                "id": change.id,
                "version": change.version,
                "etag": change.etag,
                "changed": change.changed,
                "path": path,
            },
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )
    return Message(
        {
            "content-type": "application/json",
            "webhook-id": id_,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Signer(secret).sign(id_, now, body),
        },
        body.encode(),
    )


def for_robot(format_: WebhookFormat, told: Told) -> Message:
    """The message of a group robot."""
    message = _card(told) if format_ is WebhookFormat.ROBOT_CARD else _markdown(told)
    body = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
    return Message({"content-type": "application/json"}, body)


def told_of(change: Change, document: Document, url: str | None) -> Told:
    """An event in words, by the document of what it is about."""
    kind = PublishedKind(change.resource)
    facts, text = ABOUT[kind](document)
    if document.get("state", "in_force") != "in_force":
        facts.append(("状态", document["state_label"]))
    if document.get("withdrawal"):
        facts.append(("原因", document["withdrawal"]["reason"]))
    heading = f"{kind.label} · {change.op.label}"
    told = [(key, str(value)) for key, value in facts if value is not None]
    return Told(heading, TITLES[kind](document), told, text, url)


def _markdown(told: Told) -> Document:
    """`markdown`, 4,096 bytes of UTF-8 at the most: the text is cut, the link is not."""
    link = f"\n[查看]({told.url})" if told.url else ""
    lines = [f"**{told.heading}**", _plain(told.title)]
    lines += [f"> {key}：{_plain(value)}" for key, value in told.facts]
    if told.text:
        lines.append(_plain(told.text))
    content = _within_bytes("\n".join(lines), MARKDOWN_BYTES - len(link.encode())) + link
    return {"msgtype": "markdown", "markdown": {"content": content}}


def _card(told: Told) -> Document:
    """`template_card` of the type `text_notice`, which must lead somewhere."""
    return {
        "msgtype": "template_card",
        "template_card": {
            "card_type": "text_notice",
            "main_title": {
                "title": _within(told.title, TITLE),
                "desc": _within(told.heading, DESCRIPTION),
            },
            "sub_title_text": _within(told.text, SUB_TITLE),
            "horizontal_content_list": [
                {"keyname": _within(key, KEY), "value": _within(value, VALUE)}
                for key, value in told.facts[:PAIRS]
            ],
            "card_action": {"type": 1, "url": told.url},
        },
    }


def _plain(text: str) -> str:
    return text.translate(PLAIN)


def _within(text: str, longest: int) -> str:
    """So many characters at the most, and a mark where it is cut."""
    text = " ".join(text.split())
    return text if len(text) <= longest else text[: longest - len(MORE)] + MORE


def _within_bytes(text: str, most: int) -> str:
    """The same in bytes of UTF-8, never within a character."""
    encoded = text.encode()
    if len(encoded) <= most:
        return text
    return encoded[: most - len(MORE.encode())].decode(errors="ignore") + MORE


About = tuple[list[tuple[str, Any]], str]  # facts, text


def _task(task: Document) -> About:
    return [("进展", task["progress"]["status_label"])], task["citation"]


def _target(target: Document) -> About:
    attained = target["attainment"]["status_label"]
    return [("期限", target["due_on"]), ("完成情况", attained)], target["statement"]


def _report(report: Document) -> About:
    return [*_said(report), ("进展", report["status_label"])], report["summary"]


def _measurement(measured: Document) -> About:
    figure = f"{measured['value']}{measured['unit'] or ''}"
    return [*_said(measured), ("数值", figure)], measured["method"]


def _said(fact: Document) -> list[tuple[str, Any]]:
    return [("机构", fact["agency"]["name"]), ("截至", fact["as_of"])]


def _milestone(milestone: Document) -> About:
    facts = [
        ("机构", milestone["agency"]["name"]),
        ("期限", milestone["due_on"]),
        ("状态", milestone["status_label"]),
        ("原因", milestone["changes"][-1]["reason"] if milestone["changes"] else None),
    ]
    return facts, milestone["task"]["title"]


def _assessment(assessment: Document) -> About:
    score, period = assessment["score"], assessment["period"]
    facts = [
        ("评估方", assessment["assessor"]),
        ("时段", f"{period['from']} – {period['to']}"),
        ("等次", assessment["grade"]),
        ("得分", score and f"{score['value']} / {score['maximum']}"),
    ]
    return facts, assessment["findings"]


ABOUT: Mapping[PublishedKind, Callable[[Document], About]] = {
    PublishedKind.PLAN: lambda plan: ([("文号", plan["document_number"])], ""),
    PublishedKind.SECTION: lambda section: ([], section["intro"] or ""),
    PublishedKind.TASK: _task,
    PublishedKind.AGENCY: lambda agency: ([], agency["official_name"]),
    PublishedKind.TARGET: _target,
    PublishedKind.PLATFORM: lambda platform: ([], ""),
    PublishedKind.REPORT: _report,
    PublishedKind.MEASUREMENT: _measurement,
    PublishedKind.MILESTONE: _milestone,
    PublishedKind.ASSESSMENT: _assessment,
    PublishedKind.BULLETIN: lambda one: ([("日期", one["published_on"])], one["body"]),
}
