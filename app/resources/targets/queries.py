"""The queries of targets."""

from datetime import date, datetime

from pydantic import Field
from sqlalchemy import literal_column

from app.db.models import LAST_WITHOUT_DATE, LAST_WITHOUT_DATE_REVERSED, Target
from app.projections import tallies
from app.reading.list_params import CommitmentSort, ListQuery
from app.reading.listing import Listing, Sorts
from app.reading.target_filters import TargetFilters


class TargetListQuery(TargetFilters, ListQuery):
    """The parameters of the list of targets."""

    sort: CommitmentSort = Field(
        default=CommitmentSort.NOTICE,
        description="Order (`title` is the metric); a leading - reverses it.",
    )


SORTS: Sorts = {
    CommitmentSort.NOTICE: [(Target.plan_id, str), (Target.span_start, int), (Target.ordinal, int)],
    CommitmentSort.CODE: [(Target.code_key, str), (Target.ordinal, int)],
    CommitmentSort.TITLE: [(Target.metric, str)],
    CommitmentSort.DUE_ON: [(literal_column(LAST_WITHOUT_DATE, Target.due_on.type), date)],
    CommitmentSort.DUE_ON_REVERSED: [
        (literal_column(LAST_WITHOUT_DATE_REVERSED, Target.due_on.type), date)
    ],
    CommitmentSort.CHANGED_AT: [(Target.changed_at, datetime)],
}
TALLIED = {
    tallies.ITSELF: ("strength", "kind", "comparator", "recurrence"),
    tallies.ASSIGNED: ("role", "agency_kind"),
}
TARGETS = Listing.of(Target, TargetFilters, SORTS, tallied=TALLIED)
