"""The messages for an event: signed JSON, or a message of a group robot.

The signed form follows Standard Webhooks (github.com/standard-webhooks): it names the changed
resource and its path, and is the same at each attempt.  The others are for people, in the two forms
of WeCom-style robots, within their documented lengths.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from standardwebhooks import Webhook as Signer

from app.db.models import Change
from app.enums import WebhookFormat, labelled
from app.kinds import BY_NAME, PublishedKind
from app.kinds.document import Document, marked, moment
from app.projections.subscriptions import event_of

MARKDOWN_BYTES = 4096
TITLE, DESCRIPTION, SUB_TITLE, KEY, VALUE, PAIRS = 26, 30, 112, 5, 26, 6  # characters; pairs
MORE = "…"
# In a robot's Markdown these make links, mentions, colours and emphasis; they cannot be escaped.
PLAIN = str.maketrans("<>[]`*#\r\n\t", "＜＞［］｀＊＃   ")


@dataclass(frozen=True)
class WebhookMessage:
    """The body and headers of a POST."""

    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Notification:
    """The content of a robot's message."""

    heading: str  # 进展报告 · 新增
    title: str
    facts: list[tuple[str, str]]
    text: str
    url: str | None  # link to the resource


def signed(change: Change, path: str, id_: str, secret: str, now: datetime) -> WebhookMessage:
    """The message of Standard Webhooks; `now` is signed, to prevent replays."""
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
                "is_example": change.is_example,
                "path": path,
            },
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )
    return WebhookMessage(
        {
            "content-type": "application/json",
            "webhook-id": id_,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Signer(secret).sign(id_, now, body),
        },
        body.encode(),
    )


def for_robot(format_: WebhookFormat, notification: Notification) -> WebhookMessage:
    """The message of a group robot."""
    message = (
        _card(notification) if format_ is WebhookFormat.ROBOT_CARD else _markdown(notification)
    )
    body = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
    return WebhookMessage({"content-type": "application/json"}, body)


def notification_of(change: Change, document: Document, url: str | None) -> Notification:
    """The content of a message, from the document of the changed resource."""
    kind = BY_NAME[change.resource]
    facts, text = kind.message(document)
    if document.get("state", "in_force") != "in_force":
        facts.append(("状态", document["state_label"]))
    if document.get("withdrawal"):
        facts.append(("原因", document["withdrawal"]["reason"]))
    heading = f"{kind.label} · {change.op.label}"
    lines = [(key, str(value)) for key, value in facts if value is not None]
    title = marked(kind.title(document), change.is_example)
    return Notification(heading, title, lines, text, url)


def _markdown(notification: Notification) -> Document:
    """`markdown`, at most 4,096 bytes of UTF-8: the text is truncated, the link is not."""
    link = f"\n[查看]({notification.url})" if notification.url else ""
    lines = [f"**{notification.heading}**", _plain(notification.title)]
    lines += [f"> {key}：{_plain(value)}" for key, value in notification.facts]
    if notification.text:
        lines.append(_plain(notification.text))
    content = _within_bytes("\n".join(lines), MARKDOWN_BYTES - len(link.encode())) + link
    return {"msgtype": "markdown", "markdown": {"content": content}}


def _card(notification: Notification) -> Document:
    """`template_card` of the type `text_notice`, which must have a link."""
    return {
        "msgtype": "template_card",
        "template_card": {
            "card_type": "text_notice",
            "main_title": {
                "title": _within(notification.title, TITLE),
                "desc": _within(notification.heading, DESCRIPTION),
            },
            "sub_title_text": _within(notification.text, SUB_TITLE),
            "horizontal_content_list": [
                {"keyname": _within(key, KEY), "value": _within(value, VALUE)}
                for key, value in notification.facts[:PAIRS]
            ],
            "card_action": {"type": 1, "url": notification.url},
        },
    }


def _plain(text: str) -> str:
    return text.translate(PLAIN)


def _within(text: str, longest: int) -> str:
    """At most this many characters, with an ellipsis if truncated."""
    text = " ".join(text.split())
    return text if len(text) <= longest else text[: longest - len(MORE)] + MORE


def _within_bytes(text: str, most: int) -> str:
    """The same in bytes of UTF-8, never cut within a character."""
    encoded = text.encode()
    if len(encoded) <= most:
        return text
    return encoded[: most - len(MORE.encode())].decode(errors="ignore") + MORE
