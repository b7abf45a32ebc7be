"""Parts that documents of all kinds share."""

from datetime import datetime
from typing import Any

Document = dict[str, Any]


def moment(at: datetime) -> str:
    """RFC 3339 in UTC."""
    return at.isoformat().replace("+00:00", "Z")


def task_ref(task: Any) -> Document:
    """Reference to a task."""
    return {"id": task.id, "code": task.code, "title": task.title}


def agency_ref(agency: Any) -> Document:
    """Reference to an agency."""
    return {"id": agency.id, "name": agency.name}
