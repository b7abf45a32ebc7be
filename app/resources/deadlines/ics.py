"""Deadlines as iCalendar (RFC 5545): one all-day event for each.

An event is made of its row's document, and of whether its government exists.  So `version`, which rises with each change of the
document, is its `SEQUENCE`, and the same data give the same bytes on every worker.  Withdrawn rows
are omitted, since clients remove events that a subscribed calendar no longer has.
"""

import asyncio
import json
from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from icalendar import Calendar, Event, Timezone, TimezoneStandard
from icalendar.prop import vDuration, vText
from sqlalchemy import Row

from app.enums import AttainmentStatus, MilestoneStatus, Script
from app.formats.permanent_names import address, calendar_uid
from app.http.languages import in_script
from app.kinds.document import marked
from app.resources.deadlines.queries import Deadlines

Document = Mapping[str, Any]
PRODUCT = "-//Work Plan API//Deadlines//ZH"
REFRESHED = timedelta(hours=1)
SLICE = 50  # events written at a time, so that the worker serves other requests in between
END = b"END:VCALENDAR\r\n"
# TEXT (RFC 5545, section 3.3.11).  The library would turn a backslash before N into a line break.
ESCAPED = str.maketrans(
    {
        **{chr(code): None for code in [*range(0x20), 0x7F] if chr(code) != "\t"},
        "\\": r"\\",
        ";": r"\;",
        ",": r"\,",
        "\n": r"\n",
    }
)


class Text(vText):
    """Text that clients read unchanged, without control characters, which iCalendar cannot hold."""

    def to_ical(self) -> bytes:
        return self.translate(ESCAPED).encode()


@dataclass(frozen=True)
class EventText:
    """The content of an event."""

    path: str
    kind: str
    summary: str
    lines: Sequence[str | None]
    is_cancelled: bool = False


async def as_calendar(deadlines: Deadlines, title: str, language: Script, public_url: str) -> bytes:
    """The whole calendar in a script; events link to their resource if there is a public URL."""
    parts = [_frame(in_script(title, language)).removesuffix(END)]
    for rows, text_of in ((deadlines.targets, _target), (deadlines.milestones, _milestone)):
        for start in range(0, len(rows), SLICE):
            for row in rows[start : start + SLICE]:
                parts += _events(row, text_of, language, public_url)
            await asyncio.sleep(0)
    return b"".join([*parts, END])


def _frame(title: str) -> bytes:
    """A calendar without events.

    It has a time zone, though no event uses it, since a calendar must have a component (section
    3.6), and no `METHOD`, so that `DTSTAMP` is the event's last change (section 3.8.7.2).
    """
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", PRODUCT)
    calendar.add("calscale", "GREGORIAN")
    for name in ("name", "x-wr-calname"):  # RFC 7986 and its predecessor
        calendar.add(name, Text(title))
    calendar.add("refresh-interval", vDuration(REFRESHED), {"VALUE": "DURATION"})
    calendar.add("x-published-ttl", Text("PT1H"))
    zone, standard = Timezone(), TimezoneStandard()
    zone.add("tzid", "Asia/Shanghai")
    standard.add("dtstart", datetime(1970, 1, 1))  # noqa: DTZ001 - a local time, by definition
    for offset in ("tzoffsetfrom", "tzoffsetto"):
        standard.add(offset, timedelta(hours=8))
    zone.add_component(standard)
    calendar.add_component(zone)
    frame: bytes = calendar.to_ical()
    return frame


def _events(
    row: Row[Any], text_of: Callable[[Document], EventText], language: Script, public_url: str
) -> list[bytes]:
    """The event of a row; for a target that recurs, one for each of its days of the year."""
    document = json.loads(row.document)
    due_on = date.fromisoformat(document["due_on"])
    event_text = text_of(document)
    days = document.get("recurs_on") or ()
    if not days:
        return [_event(row, calendar_uid(row.id), due_on, None, event_text, language, public_url)]
    return [
        _event(
            row, calendar_uid(f"{row.id}.{day}"), first, due_on, event_text, language, public_url
        )
        for day in days
        if (first := _first(day, row.period_start_on)) <= due_on
    ]


def _first(day: str, start_on: date) -> date:
    """The first time that a day of the year (MM-DD) comes from a date on; 02-29 is its month's end."""
    month, number = map(int, day.split("-"))
    for year in (start_on.year, start_on.year + 1):
        last = monthrange(year, month)[1]
        if (found := date(year, month, min(number, last))) >= start_on:
            break
    return found


def _event(
    row: Row[Any],
    uid: str,
    day: date,
    until: date | None,
    event_text: EventText,
    language: Script,
    public_url: str,
) -> bytes:
    """An event on a day, or every year on it until a date; without an end, it lasts all day (3.6.1)."""
    summary = marked(event_text.summary, row.is_example)
    event = Event()
    event.add("uid", uid)
    event.add("sequence", row.version - 1)  # 0 at first (section 3.8.7.4)
    event.add("dtstamp", row.changed_at)
    event.add("last-modified", row.changed_at)
    event.add("dtstart", day)
    if until:
        event.add("rrule", {"FREQ": "YEARLY", "UNTIL": until})
    event.add("transp", "TRANSPARENT")  # it does not make anyone busy
    event.add("status", "CANCELLED" if event_text.is_cancelled else "CONFIRMED")
    event.add("categories", [in_script(event_text.kind, language)])
    event.add("summary", Text(in_script(summary, language)))
    lines = "\n".join(line for line in event_text.lines if line)
    event.add("description", Text(in_script(lines, language)))
    if url := address(public_url, event_text.path):
        event.add("url", url)
    text: bytes = event.to_ical()
    return text


def _target(target: Mapping[str, Any]) -> EventText:
    kind, attainment = "目标", target["attainment"]
    label, met = attainment["status_label"], attainment["status"] == AttainmentStatus.MET
    agencies = "、".join(agency["name"] for agency in target["agencies"])
    of = _task(target["task"]) if target["task"] else f"部分：{target['section']['title']}"
    return EventText(
        target["html_url"],
        kind,
        _summary(kind, label if met else None, target["metric"]),
        (
            target["statement"],
            of,
            f"单位：{agencies}" if agencies else None,
            f"测量：{label}",
        ),
    )


def _milestone(milestone: Mapping[str, Any]) -> EventText:
    status, kind = milestone["status"], "节点"
    is_over, first = status != MilestoneStatus.PLANNED, milestone["first_due_on"]
    done_on = f"（{milestone['done_on']}）" if milestone["done_on"] else ""
    return EventText(
        milestone["html_url"],
        kind,
        _summary(kind, milestone["status_label"] if is_over else None, milestone["title"]),
        (
            _task(milestone["task"]),
            f"设定：{milestone['agency']['name']}",
            f"状态：{milestone['status_label']}{done_on}",
            f"原定：{first}" if first != milestone["due_on"] else None,
            *(_change(change) for change in milestone["changes"] if change["reason"]),
        ),
        is_cancelled=status == MilestoneStatus.DROPPED,
    )


def _summary(kind: str, state: str | None, title: str) -> str:
    """`节点（已完成）：…`: the title has the status, as iCalendar has no done status for events."""
    return f"{kind}（{state}）：{title}" if state else f"{kind}：{title}"


def _task(task: Mapping[str, Any]) -> str:
    return f"任务 {task['code']}：{task['title']}"


def _change(change: Mapping[str, Any]) -> str:
    return f"{change['kind_label']}：{change['reason']}"
