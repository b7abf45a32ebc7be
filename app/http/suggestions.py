"""Suggestions for unknown names; the work is bounded for any input."""

import difflib
import re
from collections.abc import Iterable, Sequence
from operator import add

MOST_SUGGESTIONS = 3  # errors in a request that get suggestions: the first ones
MOST_COMPARED = 25  # names compared character by character: those that have most in common
LONGEST_COMPARED = 40  # characters; the rest of a name is ignored
SEPARATORS = re.compile("[,，、;；|]")  # of several values written as one
# A parameter → its names in other APIs.
ELSEWHERE = {
    "after": "offset since since_id from_seq",
    "agency": "department dept organization organisation org body bureau agency_id agency_name",
    "as_of": "date day at",
    "at": "as_of date day on when time",
    "before": "until max_id",
    "changed_since": "since updated_since modified_since updated_after if_modified_since",
    "cursor": "page offset skip start page_token pagetoken continuation next page_number",
    "due_from": "due_after due_since start_date date_from from",
    "due_to": "due_before due_until deadline end_date date_to to",
    "format": "output type fmt accept",
    "id": "ids uid task_id",
    "kind": "type category",
    "lang": "language locale hl script",
    "leaf": "is_leaf leaves",
    "level": "depth",
    "limit": "per_page page_size size count rows top max max_results first num n",
    "name": "title q search query keyword",
    "overdue": "late is_overdue",
    "jurisdiction": "region government area province adcode region_code",
    "place": "city location region",
    "plan": "notice plan_id document",
    "q": "search query keyword keywords text term terms s find",
    "region": "city province place location",
    "role": "as type",
    "section": "chapter part section_id",
    "sort": "order order_by sort_by orderby sortby ordering direction",
    "state": "status",
    "status": "state progress",
    "task": "task_id item",
    "year": "date",
}
# Values of closed sets that were renamed, and when.
RENAMED_IN = "0.6.0"
RENAMED = {
    "provincial_department": "department",
    "provincial_office": "office",
    "municipality": "government",
}
MEANT: dict[str, list[str]] = {}
for _parameter, _others in ELSEWHERE.items():
    for _other in dict.fromkeys(_others.replace("_", "").split()):
        MEANT.setdefault(_other, []).append(_parameter)


def near_parameters(name: str, known: Sequence[str]) -> list[str]:
    """Parameters or members that an unknown name may stand for: by name in other APIs, else by letters."""
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name[:LONGEST_COMPARED])  # perPage
    plain = plain.lower().replace("-", "_").removesuffix("[]")  # agency[], as in PHP
    plain = plain.lstrip("$_")  # $top, as in OData
    if plain in known:
        return [plain]
    meant = [parameter for parameter in MEANT.get(plain.replace("_", ""), ()) if parameter in known]
    return meant or difflib.get_close_matches(plain, known, n=3, cutoff=0.5)


def near_names(value: str, known: Iterable[str], most: int = 5) -> list[str]:
    """Known values that resemble the value, contain it or are contained in it; best first."""
    value = value[:LONGEST_COMPARED]
    names = sorted({*known})
    parts = _parts(value)
    shared: dict[str, float] = {}
    for name in names:
        name_parts = _parts(name[:LONGEST_COMPARED])
        if common := parts & name_parts:
            shared[name] = len(common) / len(parts | name_parts)
    alike = sorted(shared, key=lambda name: -shared[name])[:MOST_COMPARED]
    close = difflib.get_close_matches(value, alike, n=most, cutoff=0.5)
    containing = [name for name in names if value and (value in name or name in value)]
    return list(dict.fromkeys([*close, *sorted(containing, key=len)]))[:most]


def _parts(name: str) -> set[str]:
    """The characters of a name and its pairs of adjacent characters."""
    return {*name, *map(add, name, name[1:])}


def parts_of(value: str) -> list[str]:
    """The values in a parameter, if several were written as one; otherwise the value itself."""
    return [part for one in SEPARATORS.split(value) if (part := one.strip())]
