"""Reading targets."""

from datetime import date, datetime

from sqlalchemy import func, select

from app.db.models import Target, Task
from app.reading.listing import Listing, Sorts
from app.reading.target_filters import LOOK_UPS, matching

ITEM = select(Task.item_number).where(Task.id == Target.task_id).scalar_subquery()
SUB_ITEM = select(Task.sub_number).where(Task.id == Target.task_id).scalar_subquery()
SORTS: Sorts = {
    "notice": [(Target.plan_id, str), (Target.span_start, int), (Target.ordinal, int)],
    "code": [
        (func.coalesce(ITEM, 0), int),  # a section's own targets come first
        (func.coalesce(SUB_ITEM, 0), int),
        (Target.ordinal, int),
    ],
    "title": [(Target.metric, str)],
    "due_on": [(Target.due_on, date)],
    "changed_at": [(Target.changed_at, datetime)],
}
TARGETS = Listing(Target, matching, SORTS, LOOK_UPS)
