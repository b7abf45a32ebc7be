"""`/embed/…`: one task or one bar, for a frame on another site."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from app.http.problems import FieldError, InvalidParametersError, Message
from app.kinds.document import Document
from app.pages.reading import Api
from app.pages.rendering import HEADERS, View
from app.pages.views.monitoring import STATUSES
from app.resources.monitoring.routes import get_monitoring
from app.resources.plans.routes import get_plan
from app.resources.tasks.routes import get_task

POLICY = HEADERS["Content-Security-Policy"].replace("frame-ancestors 'none'", "frame-ancestors *")
IN_FRAMES: Mapping[str, str] = {"Content-Security-Policy": POLICY}


@dataclass(frozen=True, kw_only=True)
class TaskEmbed(View):
    """A task."""

    template: ClassVar = "embed_task.html"
    headers: ClassVar = IN_FRAMES
    task: Document


async def task(api: Api, task_id: str) -> View:
    """`/embed/tasks/{id}`."""
    found = await api.one(get_task, task_id=task_id)
    return TaskEmbed(task=found, json=f"/v1/tasks/{task_id}")


@dataclass(frozen=True, kw_only=True)
class MonitoringEmbed(View):
    """The status of a plan as one bar."""

    template: ClassVar = "embed_monitoring.html"
    headers: ClassVar = IN_FRAMES
    plan: Document
    standing: Document
    statuses: Sequence[str] = STATUSES


async def monitoring(api: Api) -> View:
    """`/embed/monitoring?plan=`."""
    params = api.given("plan", "as_of")
    if len(params.get("plan", [])) != 1:
        message = Message("请用 plan 指明一份工作要点。", "Name one plan with plan.")
        raise InvalidParametersError(errors=[FieldError("query", "plan", message)])
    plan = await api.one(get_plan, plan_id=params["plan"][0])
    read = await api.read(get_monitoring, params)
    return MonitoringEmbed(plan=plan, standing=read.document, json=read.href)
