"""The parameters and orders that lists of facts share."""

from enum import StrEnum
from typing import Annotated

from app.enums import FactState
from app.http.parameters import Query, many
from app.reading.filters import Filter, one_of

OF_STATE = Filter(lambda table, name: one_of(table.state, name))


class FactSort(StrEnum):
    """Sort order of facts; a leading - reverses it."""

    RECORDED_AT = "recorded_at"
    RECORDED_AT_REVERSED = "-recorded_at"
    AS_OF = "as_of"
    AS_OF_REVERSED = "-as_of"
    CHANGED_AT = "changed_at"
    CHANGED_AT_REVERSED = "-changed_at"


class FactFilters(Query):
    """The filters that every list of facts has."""

    state: Annotated[list[FactState], OF_STATE] = many(
        "States of the record; without this parameter, records of all states."
    )
