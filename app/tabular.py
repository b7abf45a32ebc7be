"""Documents as lines: NDJSON, and CSV for spreadsheets.

CSV is UTF-8 with a byte order mark, which spreadsheets need to read Chinese, and lines end in CRLF
(RFC 4180).  No cell is a formula: text that a spreadsheet might run gets an apostrophe in front.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

Document = dict[str, Any]
Column = tuple[str, Callable[[Document], Any]]

RUNS = tuple("=+-@\t\r\n＝＋－＠")  # what a formula may begin with, full-width forms as well
SPREADSHEET_BOM = "\ufeff"


def _plain(name: str) -> Column:
    return name, lambda document: document[name]


def _coded(*names: str) -> list[Column]:
    """Members of closed sets, each with its label beside it."""
    return [_plain(column) for name in names for column in (name, f"{name}_label")]


def _ref(name: str, *fields: str) -> list[Column]:
    """`section` with `id`, `title` as `section_id`, `section_title`; empty where there is none."""

    def part(field: str) -> Column:
        return f"{name}_{field}", lambda document: (document[name] or {}).get(field)

    return [part(field) for field in fields]


def _span() -> list[Column]:
    return _ref("span", "start", "end")


def _listed(column: str, name: str, field: str | None = None, between: str = "、") -> Column:
    """A list in one cell."""
    return column, lambda d: between.join(one[field] if field else one for one in d[name])


def _role(role: str) -> Column:
    """The names of the agencies that have a role."""
    return role, lambda d: "、".join(
        a["agency"]["name"] for a in d["assignments"] if a["role"] == role
    )


def _versioned() -> list[Column]:
    """What every document ends with."""
    return [*map(_plain, ("version", "changed_at"))]


def _standing() -> list[Column]:
    """Whether a fact stands."""
    return [
        _listed("evidence", "evidence", "url", " "),
        *_coded("state"),
        *map(_plain, ("replaces", "replaced_by")),
        *_ref("withdrawal", "reason", "withdrawn_at"),
        _plain("recorded_at"),
        *_versioned(),
    ]


COLUMNS: dict[str, list[Column]] = {
    "plan": [
        *map(_plain, ("id", "title", "document_number", "issuer", "issued_on", "year")),
        *_coded("status"),
        *_ref("counts", "sections", "items", "tasks", "assignments", "agencies", "targets"),
        *_ref("source", "text_length", "text_sha256", "raw_sha256"),
        *_versioned(),
    ],
    "section": [
        *map(_plain, ("id", "plan", "ordinal", "code", "label", "title", "intro")),
        *map(_plain, ("items", "tasks")),
        *_span(),
        *_versioned(),
    ],
    "task": [
        *map(_plain, ("id", "plan", "code", "label")),
        *_coded("level"),
        _plain("is_leaf"),
        *_ref("section", "id", "title"),
        *_ref("parent", "id", "title"),
        *map(_plain, ("title", "body")),
        *map(_role, ("lead", "responsible", "support", "guide")),
        ("agency_ids", lambda d: " ".join(a["agency"]["id"] for a in d["assignments"])),
        _plain("assignment_clause"),
        _listed("targets", "targets", "statement", "；"),
        _listed("platforms", "platforms", "name"),
        _listed("places", "places", "name"),
        *_span(),
        _plain("citation"),
        *_ref("progress", "status", "status_label", "reported_on"),
        *_versioned(),
    ],
    "agency": [
        *map(_plain, ("id", "name", "official_name", "english_name")),
        *_coded("kind"),
        _plain("is_collective"),
        *_ref("region", "code", "name"),
        _listed("aliases", "aliases"),
        *_ref("counts", "lead", "responsible", "support", "guide"),
        *_versioned(),
    ],
    "target": [
        *map(_plain, ("id", "plan")),
        *_ref("section", "id", "title"),
        *_ref("task", "id", "title"),
        *map(_plain, ("metric", "statement")),
        *_coded("kind", "comparator"),
        *map(_plain, ("value", "value_upper", "unit", "as_written", "is_cumulative", "is_average")),
        *_coded("direction"),
        *map(_plain, ("scope", "due_on")),
        *_coded("due_basis"),
        _listed("agencies", "agencies", "name"),
        _listed("agency_ids", "agencies", "id", " "),
        *_span(),
        *_ref("attainment", "status", "status_label", "latest_value", "measured_on"),
        *_versioned(),
    ],
    "platform": [
        *map(_plain, ("id", "name")),
        *_coded("kind"),
        _plain("mentions"),
        _listed("task_ids", "tasks", "id", " "),
        *_versioned(),
    ],
    "measurement": [
        *map(_plain, ("id", "plan")),
        *_ref("task", "id", "title"),
        *_ref("target", "id", "metric", "statement"),
        *_ref("agency", "id", "name"),
        *_coded("role"),
        *map(_plain, ("as_of", "value", "unit", "method")),
        *_standing(),
    ],
    "milestone": [
        *map(_plain, ("id", "plan")),
        *_ref("task", "id", "title"),
        *_ref("agency", "id", "name"),
        *map(_plain, ("title", "due_on", "first_due_on")),
        *_coded("status"),
        _plain("done_on"),
        ("changes", lambda d: len(d["changes"])),
        _plain("recorded_at"),
        *_versioned(),
    ],
    "assessment": [
        *map(_plain, ("id", "plan")),
        *_ref("subject", "kind", "kind_label", "id", "name"),
        *_ref("period", "from", "to"),
        _plain("grade"),
        *_ref("score", "value", "maximum"),
        *map(_plain, ("findings", "method", "assessor")),
        *_standing(),
    ],
    "bulletin": [
        *map(_plain, ("id", "plan", "title", "body", "published_on")),
        _listed("refers_to", "refers_to", "path", " "),
        *_standing(),
    ],
    "report": [
        *map(_plain, ("id", "plan")),
        *_ref("task", "id", "title"),
        *_ref("agency", "id", "name"),
        *_coded("role"),
        _plain("as_of"),
        *_coded("status"),
        *map(_plain, ("summary", "reason")),
        *_standing(),
    ],
}


def cell(value: Any) -> Any:
    """What stands in a cell: numbers as they are, `true` and `false`, text that does not run."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and value.startswith(RUNS):
        return f"'{value}"
    return value


def csv_head(resource: str) -> str:
    """The byte order mark and the names of the columns."""
    return SPREADSHEET_BOM + _csv_lines([[name for name, _ in COLUMNS[resource]]])


def csv_rows(resource: str, documents: Iterable[str]) -> str:
    """A line a document."""
    return _csv_lines([[cell(value) for value in row] for row in values(resource, documents)])


def values(resource: str, documents: Iterable[str]) -> Iterator[list[Any]]:
    """A row a document, in the order of the columns: text, numbers, truth values, None."""
    columns = COLUMNS[resource]
    for document in documents:
        fields = json.loads(document)
        yield [value(fields) for _, value in columns]


def ndjson_rows(documents: Iterable[str]) -> str:
    """A document a line, as the list in JSON has it."""
    return "".join(f"{document}\n" for document in documents)


def _csv_lines(rows: Sequence[Sequence[Any]]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerows(rows)
    return written.getvalue()
