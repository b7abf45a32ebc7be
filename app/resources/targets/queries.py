"""The queries of targets."""

from datetime import date, datetime

from pydantic import Field
from sqlalchemy import func, select

from app.db.models import Target, Task
from app.reading.list_params import CommitmentSort, ListQuery
from app.reading.listing import Listing, Sorts
from app.reading.target_filters import TargetFilters


class TargetListQuery(TargetFilters, ListQuery):
    """The parameters of the list of targets."""

    sort: CommitmentSort = Field(
        default=CommitmentSort.NOTICE,
        description="Order (`title` is the metric); a leading - reverses it.",
    )


ITEM = select(Task.item_number).where(Task.id == Target.task_id).scalar_subquery()
SUB_ITEM = select(Task.sub_number).where(Task.id == Target.task_id).scalar_subquery()
SORTS: Sorts = {
    CommitmentSort.NOTICE: [(Target.plan_id, str), (Target.span_start, int), (Target.ordinal, int)],
    CommitmentSort.CODE: [
        (func.coalesce(ITEM, 0), int),  # a section's own targets come first
        (func.coalesce(SUB_ITEM, 0), int),
        (Target.ordinal, int),
    ],
    CommitmentSort.TITLE: [(Target.metric, str)],
    CommitmentSort.DUE_ON: [(Target.due_on, date)],
    CommitmentSort.CHANGED_AT: [(Target.changed_at, datetime)],
}
TARGETS = Listing.of(Target, TargetFilters, SORTS)
