"""JSON as it is stored and sent."""

import json
from decimal import Decimal
from typing import Any

Document = dict[str, Any]


def as_json(document: Document) -> str:
    """Chinese as itself, no spaces, whole numbers without a point."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), default=_plain)


def task_ref(task: Any) -> Document:
    """Enough to show a task and to follow it."""
    return {"id": task.id, "code": task.code, "title": task.title}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat()
