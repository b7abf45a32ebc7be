"""What somebody may have meant by a name that nothing has; the work is bounded, whatever was sent."""

import difflib
import re
from collections.abc import Iterable, Sequence
from operator import add

MOST_SUGGESTIONS = 3  # mistakes of one request that others are suggested for: the first ones
MOST_COMPARED = 25  # names that are compared character by character: those that share most
LONGEST_COMPARED = 40  # characters; no name that is longer is near
SEVERAL = re.compile("[,，、;；|]")  # somebody wrote several values as one
# A parameter → what other APIs call it.
ELSEWHERE = {
    "after": "offset since since_id from_seq",
    "agency": "department dept organization organisation org body bureau agency_id agency_name",
    "as_of": "date day at",
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
MEANT: dict[str, list[str]] = {}
for _parameter, _others in ELSEWHERE.items():
    for _other in _others.split():
        MEANT.setdefault(_other, []).append(_parameter)


def near_parameters(name: str, known: Sequence[str]) -> list[str]:
    """The parameters or members that a wrong name may have meant: by its words, else by its letters."""
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name[:LONGEST_COMPARED])  # perPage
    plain = plain.lower().replace("-", "_").removesuffix("[]")  # agency[], as in PHP
    if plain in known:
        return [plain]
    meant = [parameter for parameter in MEANT.get(plain, ()) if parameter in known]
    return meant or difflib.get_close_matches(plain, known, n=3, cutoff=0.5)


def near_names(wanted: str, known: Iterable[str], most: int = 5) -> list[str]:
    """Known values that look like the wanted one, best first; those that contain it, too."""
    wanted = wanted[:LONGEST_COMPARED]
    names = sorted({*known})
    parts = _parts(wanted)
    shared: dict[str, float] = {}
    for name in names:
        of_name = _parts(name[:LONGEST_COMPARED])
        if common := parts & of_name:
            shared[name] = len(common) / len(parts | of_name)
    alike = sorted(shared, key=lambda name: -shared[name])[:MOST_COMPARED]
    close = difflib.get_close_matches(wanted, alike, n=most, cutoff=0.5)
    containing = [name for name in names if wanted and (wanted in name or name in wanted)]
    return list(dict.fromkeys([*close, *sorted(containing, key=len)]))[:most]


def _parts(name: str) -> set[str]:
    """Its characters and pairs of neighbours, which near names share."""
    return {*name, *map(add, name, name[1:])}


def parts_of(value: str) -> list[str]:
    """The values that one value may have been meant as; itself, where it is one."""
    return [part for one in SEVERAL.split(value) if (part := one.strip())]
