"""A check of ours for schemathesis, and the share of its cases; it reads them by `SCHEMATHESIS_HOOKS`."""

import gc
import os
from collections import defaultdict
from collections.abc import Callable
from itertools import count
from typing import Any
from urllib.parse import urlencode

import jsonschema_rs
import schemathesis
from schemathesis.core import jsonschema
from schemathesis.core.jsonschema import patterns
from schemathesis.specs.openapi.coverage import _schema as covering

# What only the data can decide: by the kind of problem, and by its message in each language.
OF_DATA = ("/problems/invalid-cursor", "/problems/ambiguous-name")
UNKNOWN = (
    *("No such id or name", "没有这个编号或名称", "沒有這個編號或名稱"),
    *("There is no such ID", "There is no such id", "没有这个编号", "沒有這個編號"),
    *("It must be exactly one plan", "须恰为一个计划", "須恰為一個計劃"),
    *("There is no such plan", "没有这个计划", "沒有這個計劃"),
    *("No such place is known", "没有这个地方", "沒有這個地方"),
)
# By relevance only with `q`; a header only of tables; collectives and succession only of agencies; what depends on the day, on another fact, or on what was said before.
OF_TWO_PARAMETERS = (
    "sort",
    "header",
    "collectives",
    "succession",
    "as_of",
    "replaces",
    "reason",
    "since",
    "due_soon",
    "unit",
    "value",
    "day",
    "end",
)


LONGEST_QUERY = 60_000  # bytes
EVERY = int(os.environ.get("FUZZ_EVERY", "20"))  # `make fuzz` sends all cases
operations: dict[str, int] = defaultdict(count().__next__)
cases: dict[str, "count[int]"] = {}

# A tenth of the work was to look for garbage among what stays to the end.
gc.freeze()
gc.set_threshold(200_000, 50, 100)
# Half of the work was to compile `{1,4000}` of Unicode again for each schema around it: a length is
# written into its pattern only where that stays small, which schemathesis does below 150 MB.
LIMIT = jsonschema_rs.FancyRegexOptions(size_limit=300_000)
jsonschema.FANCY_REGEX_OPTIONS = LIMIT
patterns.FANCY_REGEX_OPTIONS = LIMIT  # type: ignore[attr-defined]
write_length = covering._update_schema_pattern


def write_small_length(
    schema: dict[str, Any], update_pattern: Callable[[str, int | None, int | None], str]
) -> None:
    """Of what covers the schema; the rest of schemathesis itself leaves a length aside that is too long."""

    def updated(pattern: str, least: int | None, most: int | None) -> str:
        found = update_pattern(pattern, least, most)
        return found if patterns.is_valid_jsonschema_rs_regex(found) else pattern

    write_length(schema, updated)


covering._update_schema_pattern = write_small_length


@schemathesis.hook
def filter_case(context: Any, case: Any) -> bool:
    """Of what covers the schema, every twentieth case of an operation, beginning at another one each.

    A longer query would make a head that is refused before any operation (431).
    """
    query = case.query or {}
    could_be_longer = 12 * len(repr(query)) > LONGEST_QUERY  # a character of UTF-8 is %F0%9F%98%80
    if could_be_longer and len(urlencode(query, doseq=True)) > LONGEST_QUERY:
        return False
    if case.meta.phase.name.value != "coverage":
        return True
    label = case.operation.label
    return next(cases.setdefault(label, count(operations[label]))) % EVERY == 0


@schemathesis.check
def what_the_schema_allows_is_refused_only_for_the_data(ctx: Any, response: Any, case: Any) -> None:
    """422 for what the contract allows is about unknown names, ids and cursors."""
    if response.status_code != 422 or not (case.meta and case.meta.generation.mode.is_positive):
        return
    problem = response.json()
    if problem["type"] in OF_DATA:
        return
    for error in problem["errors"]:
        if not error["message"].startswith(UNKNOWN) and error["name"] not in OF_TWO_PARAMETERS:
            raise AssertionError(
                f"allowed by the contract, refused: {error['name']}: {error['message']}"
            )
