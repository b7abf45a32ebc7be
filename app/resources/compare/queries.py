"""Comparing two documents."""

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from sqlalchemy import bindparam, literal, select, union_all

from app.chinese.differences import MOST_WORK, Difference, differences, work_of
from app.db.engine import Reader
from app.enums import DifferenceOperation, labelled
from app.http.problems import FieldError, GoneError, InvalidParametersError, Message
from app.kinds import KINDS, PublishedKind
from app.kinds.document import Document
from app.kinds.kind import Kind
from app.projections.json_text import as_json
from app.reading.versions import numbered_version
from app.resources.compare.schemas import (
    NAMED,
    ComparedDocument,
    CompareQuery,
    DocumentComparison,
    MemberDifference,
    TextDifference,
)
from app.schemas.ranges import TextRange

NOT_COMPARED = ("id", "version", "changed_at")
FOUND = union_all(
    *(
        select(
            literal(kind.name).label("resource"),
            kind.model.id,
            kind.model.document,
            kind.model.withdrawn_at.is_not(None).label("is_withdrawn"),
        ).where(kind.model.id.in_(bindparam("ids", expanding=True)))
        for kind in KINDS
    )
)
MALFORMED = Message(
    "须为编号，或 编号@版本，如 gd-dg-2022-t17.2@1。",
    "It must be an ID, or ID@version, such as gd-dg-2022-t17.2@1.",
)


class Named(NamedTuple):
    """A document that a request names: without a version the current one, which sorts last."""

    id: str
    version: float

    @classmethod
    def of(cls, params: CompareQuery, parameter: str) -> "Named":
        """Raises InvalidParametersError."""
        found = NAMED.fullmatch(getattr(params, parameter))
        if found is None:
            raise _invalid(parameter, MALFORMED)
        return cls(found[1], int(found[2]) if found[2] else math.inf)


async def find_both(reader: Reader, a: Named, b: Named) -> tuple[Kind, Mapping[str, Any]]:
    """The kind of two documents and their rows by id, whatever their versions; one statement.

    Raises InvalidParametersError for unknown ids or those of two kinds.
    """
    rows = (await reader.execute(FOUND, {"ids": [a.id, b.id]})).all()
    found = {(row.resource, row.id): row for row in rows}
    for parameter, named in (("a", a), ("b", b)):
        if not any(row.id == named.id for row in rows):
            raise _invalid(parameter, Message("没有这个编号。", "There is no such ID."))
    for kind in KINDS:
        if (kind.name, a.id) in found and (kind.name, b.id) in found:
            return kind, {id_: found[kind.name, id_] for id_ in (a.id, b.id)}
    first = next(kind for kind in KINDS if (kind.name, a.id) in found)
    raise _invalid(
        "b",
        Message(
            f"须与 a 同类：{first.label}。",
            f"It must be of the same kind as a: {first.name}.",
        ),
    )


async def read_both(reader: Reader, a: Named, b: Named) -> tuple[Kind, Document, Document]:
    """The two documents and their kind; at most three statements.

    Raises what `find_both` does, NotFoundError for an unknown version, GoneError for what was
    withdrawn.
    """
    kind, rows = await find_both(reader, a, b)
    documents = [await _read(reader, kind, one, rows[one.id]) for one in (a, b)]
    return kind, documents[0], documents[1]


async def _read(reader: Reader, kind: Kind, named: Named, row: Any) -> Document:
    if named.version < math.inf:
        version = await numbered_version(reader, kind.name, named.id, int(named.version))
        document: Document = json.loads(version.document(json.loads(row.document), kind))
        return document
    if row.is_withdrawn:
        raise GoneError
    current: Document = json.loads(row.document)
    return current


def compared(kind: Kind, a: Document, b: Document) -> str:
    """The comparison as JSON; the work is bounded, and the same two documents give the same."""
    in_a, in_b = dict(_members(a)), dict(_members(b))
    work, found = MOST_WORK, []
    for name in in_a | in_b:
        before, after = in_a.get(name), in_b.get(name)
        if before == after:
            continue
        parts: list[TextDifference] = []
        if isinstance(before, str) and isinstance(after, str):
            cost = work_of(before, after)
            parts = [_part(one) for one in differences(before, after, work)]
            work -= cost if cost <= work else 0
        found.append(MemberDifference(name=name, a=_as_text(before), b=_as_text(after), diff=parts))
    resource = PublishedKind(kind.name)
    first, second = (
        ComparedDocument(id=one["id"], version=one["version"], title=kind.title(one))
        for one in (a, b)
    )
    return DocumentComparison.model_validate(
        {**labelled("resource", resource), "a": first, "b": second, "differences": found}
    ).model_dump_json()


def _members(document: Document, within: str = "") -> Iterator[tuple[str, Any]]:
    """The members of a document; those of an object by its name and theirs."""
    for name, value in document.items():
        if isinstance(value, dict):
            yield from _members(value, f"{within}{name}.")
        elif within or name not in NOT_COMPARED:
            yield f"{within}{name}", value


def _as_text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else as_json(value)


def _part(one: Difference) -> TextDifference:
    operation = DifferenceOperation(one.operation)
    return TextDifference(
        op=operation,
        op_label=operation.label,
        a=TextRange(start=one.a[0], end=one.a[1]),
        b=TextRange(start=one.b[0], end=one.b[1]),
    )


def _invalid(parameter: str, message: Message) -> InvalidParametersError:
    return InvalidParametersError(errors=[FieldError("query", parameter, message)])
