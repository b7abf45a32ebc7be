"""Reading the service document."""

from typing import Any

from sqlalchemy import ScalarSelect, func, select

from app.db.engine import Reader
from app.db.models import PUBLISHED, Task
from app.db.revision import READ_REVISION
from app.enums import TaskLevel
from app.http.paths import list_path
from app.resources.service.schemas import Counts, Licence, Links, Service

TITLE = "Work Plan API · 政府工作要点开放接口"
# Copyright Law of the People's Republic of China, article 5, item 1.
LICENCE = Licence(
    name="官方文件，不受著作权法保护；可自由使用，请注明出处",
    basis="《中华人民共和国著作权法》第五条第一项",
)

LINKS = {
    "reports": "/v1/reports",
    "measurements": "/v1/measurements",
    "milestones": "/v1/milestones",
    "monitoring": "/v1/monitoring{?plan,as_of}",
    "assessments": "/v1/assessments",
    "bulletins": "/v1/bulletins",
    "deadlines": "/v1/deadlines.ics",
    "changes": "/v1/changes",
    "changes_atom": "/v1/changes.atom",
    "checkpoints": "/v1/audit/checkpoints",
    "search": "/v1/search{?q}",
    "openapi_json": "/openapi.json",
    "openapi_yaml": "/openapi.yaml",
    "docs": "/docs",
}

COUNTED = tuple(table for table in PUBLISHED if table is not Task)


def _count(table: Any, *conditions: Any) -> ScalarSelect[int]:
    """How many rows are published."""
    counted = select(func.count()).select_from(table).where(table.withdrawn_at.is_(None))
    return counted.where(*conditions).scalar_subquery()


COUNTS = select(
    *(_count(table).label(list_path(table).removeprefix("/v1/")) for table in COUNTED),
    _count(Task, Task.level == TaskLevel.ITEM).label("items"),
    _count(Task, Task.is_leaf).label("tasks"),
)


async def service_document(reader: Reader, prefix: str) -> Service:
    """Counts of what is published, and links; two statements."""
    counted = (await reader.execute(COUNTS)).mappings().one()
    revision = (await reader.execute(READ_REVISION)).one()
    return Service(
        title=TITLE,
        revision=revision.number,
        changed_at=revision.changed_at if revision.number else None,
        epoch=revision.epoch,
        counts=Counts.model_validate(dict(counted)),
        links=Links(
            **{name: f"{prefix}/v1/{name}" for name in counted if name != "items"},
            **{name: prefix + path for name, path in LINKS.items()},
        ),
        licence=LICENCE,
    )
