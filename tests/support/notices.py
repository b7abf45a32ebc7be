"""The real notice, with something changed."""

import copy
import dataclasses
from typing import Any

from seed.notice_files import ReadNotice


def corrected(notice: ReadNotice, **changes: Any) -> ReadNotice:
    """The notice with other words in task 13.2, and without task 30."""
    plan = copy.deepcopy(notice.plan)
    task = next(task for task in plan.tasks() if task.code == "13.2")
    for name, value in changes.items():
        setattr(task, name, value)
    plan.sections[-1].items.pop()
    return dataclasses.replace(notice, plan=plan)
