"""Parts that documents of all kinds share."""

from datetime import datetime
from typing import Any

from app.enums import labelled

Document = dict[str, Any]


def marked(title: str, is_example: bool) -> str:
    """A title, marked if it belongs to a government that does not exist."""
    return f"[示例]{title}" if is_example else title


def moment(at: datetime) -> str:
    """RFC 3339 in UTC."""
    return at.isoformat().replace("+00:00", "Z")


def jurisdiction_ref(region: Any) -> Document:
    """Reference to a government."""
    return {"code": region.code, "name": region.name, **labelled("level", region.level)}


def task_ref(task: Any) -> Document:
    """Reference to a task."""
    return {"id": task.id, "code": task.code, "title": task.title}


def agency_ref(agency: Any) -> Document:
    """Reference to an agency."""
    return {"id": agency.id, "name": agency.name}
