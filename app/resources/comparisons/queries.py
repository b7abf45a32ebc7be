"""The queries of comparisons and lineages."""

import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, select, union

from app.db.engine import Reader
from app.db.models import Comparison, LineageLink, Plan, Target, Task
from app.enums import labelled
from app.http.problems import FieldError, GoneError, InvalidParametersError, Message
from app.kinds.document import Document
from app.projections.comparison.compared import order_of, target_value, task_ref
from app.projections.comparison.storing import ORDER
from app.reading.one import one_row

A: BindParameter[str] = bindparam("plan")
B: BindParameter[str] = bindparam("with")
PLAN_MEMBERS = ("id", "title", "year", "is_example")
STORED = select(Comparison.document).where(Comparison.later_id == A, Comparison.earlier_id == B)
BOTH = select(*ORDER, Plan.withdrawn_at, STORED.scalar_subquery().label("comparison")).where(
    Plan.id.in_([A, B])
)


async def stored_comparison(reader: Reader, plan_id: str, earlier_id: str) -> str | None:
    """The document, if the two plans have been compared; one statement.

    Raises NotFoundError or GoneError for a plan that is not there, and InvalidParametersError where
    `with` is no earlier plan.
    """
    if not (plan_id.isascii() and plan_id.isprintable()):
        await one_row(reader, Plan, plan_id)
    found = await reader.execute(BOTH, {"plan": plan_id, "with": earlier_id})
    plans = {row["id"]: row for row in found.mappings()}
    if plan_id not in plans:
        await one_row(reader, Plan, plan_id)
    if earlier_id not in plans:
        raise _refused(
            "没有这个编号；全部列在 /v1/plans。", "There is no such id; /v1/plans lists all."
        )
    if any(row["withdrawn_at"] for row in plans.values()):
        raise GoneError
    if plan_id == earlier_id:
        raise _refused("须为另一份较早的工作要点。", "It must be another, earlier plan.")
    if order_of(plans[plan_id]) < order_of(plans[earlier_id]):
        path = f"/v1/plans/{earlier_id}/comparison?with={plan_id}"
        raise _refused(
            f"须为两者中较早的一份，即 {plan_id}：{path}。",
            f"It must be the earlier plan of the two, {plan_id}: {path}.",
        )
    document: str | None = plans[plan_id]["comparison"]
    return document


def _refused(zh: str, en: str) -> InvalidParametersError:
    return InvalidParametersError(errors=[FieldError("query", "with", Message(zh, en))])


def _through_the_years(table: Any) -> Select[Any]:
    """What a row goes on from and what goes on from it, with the links between them."""
    id_: BindParameter[str] = bindparam("id")
    link = LineageLink
    back = select(link.earlier_id.label("id")).where(link.later_id == id_).cte(recursive=True)
    back = back.union(select(link.earlier_id).where(link.later_id == back.c.id))
    onward = select(link.later_id.label("id")).where(link.earlier_id == id_).cte(recursive=True)
    onward = onward.union(select(link.later_id).where(link.earlier_id == onward.c.id))
    found = union(select(id_.label("id")), select(back.c.id), select(onward.c.id)).cte()
    return (
        select(
            table.document,
            *ORDER,
            Plan.document.label("plan"),
            link.earlier_id,
            link.relation,
            link.similarity,
            link.basis,
        )
        .select_from(table)
        .join(Plan, Plan.id == table.plan_id)
        .outerjoin(link, (link.later_id == table.id) & link.earlier_id.in_(select(found.c.id)))
        .where(table.id.in_(select(found.c.id)), table.withdrawn_at.is_(None))
        .where(Plan.withdrawn_at.is_(None))
        .order_by(table.span_start, table.id, link.earlier_id)
    )


TASKS, TARGETS = _through_the_years(Task), _through_the_years(Target)


async def task_lineage(reader: Reader, task_id: str) -> Document:
    """A task through the years; two statements."""
    await one_row(reader, Task, task_id)
    return {"task": task_id, "lineage": await _lineage(reader, TASKS, task_id, "task", task_ref)}


async def target_lineage(reader: Reader, target_id: str) -> Document:
    """A target through the years; two statements."""
    await one_row(reader, Target, target_id)
    found = await _lineage(reader, TARGETS, target_id, "target", target_value)
    return {"target": target_id, "lineage": found}


async def _lineage(
    reader: Reader,
    statement: Select[Any],
    id_: str,
    member: str,
    ref: Callable[[Document], Document],
) -> list[Document]:
    """The newest plan first; within a plan in the order of the text."""
    entries: dict[str, Document] = {}
    places = {}
    for row in (await reader.execute(statement, {"id": id_})).mappings():
        reference = ref(json.loads(row["document"]))
        stored = json.loads(row["plan"])
        plan = {name: stored[name] for name in PLAN_MEMBERS}
        entry = entries.setdefault(
            reference["id"], {"plan": plan, member: reference, "continues": []}
        )
        places[reference["id"]] = order_of(row)
        if row["earlier_id"]:
            relation = {} if row["relation"] is None else labelled("relation", row["relation"])
            entry["continues"].append(
                {
                    "id": row["earlier_id"],
                    **relation,
                    "similarity": row["similarity"],
                    **labelled("basis", row["basis"]),
                }
            )
    return [entries[key] for key in sorted(entries, key=places.__getitem__, reverse=True)]
