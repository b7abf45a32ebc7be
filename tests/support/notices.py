"""The real notice, with something changed."""

import copy
import dataclasses
from typing import Any

from seed.notice_files import ReadNotice
from seed.source_pages import Line, SourcePage, SourcePages

PICTURE = bytes.fromhex(
    "524946461e000000574542505650384c110000002f0000000007d0fffef7bfff8188e87f0000"
)  # a pixel


def corrected(notice: ReadNotice, **changes: Any) -> ReadNotice:
    """The notice with other words in task 13.2, and without task 30."""
    plan = copy.deepcopy(notice.plan)
    task = next(task for task in plan.tasks() if task.code == "13.2")
    for name, value in changes.items():
        setattr(task, name, value)
    plan.sections[-1].items.pop()
    return dataclasses.replace(notice, plan=plan)


def on_pages(notice: ReadNotice, pages: int = 3, picture: bytes = PICTURE) -> ReadNotice:
    """The notice as though it had come in a PDF, with a line for each paragraph, and pictures."""
    text = notice.restored.text
    lines, start = [], 0
    for words in text.split("\n"):
        page, place = divmod(start * pages, len(text))
        lines.append(
            Line(start, start + len(words), page + 1, 90.0, place / len(text) * 700, 400.0, 16.0)
        )
        start += len(words) + 1
    first = [min(line.start for line in lines if line.page > page) for page in range(pages)]
    ends = [*first[1:], len(text)]
    made = [
        SourcePage(number, start, end, 595.3, 841.9)
        for number, (start, end) in enumerate(zip(first, ends, strict=True), 1)
    ]
    source = SourcePages(tuple(made), tuple(lines), dict.fromkeys(range(1, pages + 1), picture))
    return dataclasses.replace(notice, source=source)
