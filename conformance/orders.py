"""Orders: total, stable, and reversed by a leading minus."""

from collections.abc import Iterator
from itertools import groupby, pairwise

from conformance.contract import Operation
from conformance.rules import rule
from conformance.server import Finding, Params, Row, Server, key_of


def sorted_lists(server: Server) -> Iterator[tuple[Operation, str, Params]]:
    """Each list with each of its orders, and the word that `relevance` needs."""
    for operation in server.contract.lists:
        for sort in operation.allowed("sort"):
            if sort == "relevance":
                for word in list(server.words())[:1] if "q" in operation.parameters else ():
                    yield operation, sort, {"q": word}
            elif not sort.startswith("-"):
                yield operation, sort, {}


@rule("parameter sort: a leading - reverses it")
def a_leading_minus_reverses_the_order(server: Server) -> Iterator[Finding]:
    """Each order with a leading minus returns the list in reverse, rows without a date still last."""
    for operation, sort, params in sorted_lists(server):
        rows = server.rows(operation.path, {**params, "sort": sort})
        last = [sort == "due_on" and not has_date(row) for row in rows]
        forward = [key_of(row) for row, is_last in zip(rows, last, strict=True) if not is_last]
        undated = [key_of(row) for row, is_last in zip(rows, last, strict=True) if is_last]
        back = server.ids(operation.path, {**params, "sort": f"-{sort}"})
        answer = server.get(operation.path, {**params, "sort": f"-{sort}"})
        if len(rows) > 1 or back:
            right = forward[::-1] + undated[::-1]
            yield answer.expect(back == right, "no reversal", f"{sort} from its end")


def has_date(row: Row) -> bool:
    """Whether a target, or one of a task, or a milestone is due on some day."""
    return any(one["due_on"] for one in row.get("targets", [row]))


@rule("parameter sort")
def an_order_loses_nothing(server: Server) -> Iterator[Finding]:
    """All orders return the same rows."""
    for operation, sort, params in sorted_lists(server):
        rows = server.ids(operation.path, params)
        came = server.ids(operation.path, {**params, "sort": sort})
        answer = server.get(operation.path, {**params, "sort": sort})
        if rows:
            lost = sorted(set(rows) ^ set(came))[:3]
            yield answer.expect(sorted(rows) == sorted(came), f"differs by {lost}", "the same rows")


@rule("parameter sort: default notice")
def the_default_order_is_that_of_the_text(server: Server) -> Iterator[Finding]:
    """Without `sort`, sections, tasks and targets are in the order of the text, plan by plan."""
    for resource in ("sections", "tasks", "targets"):
        rows = server.listed(resource)
        plans = [plan for plan, _ in groupby(row["plan"] for row in rows)]
        starts = [(row["plan"], row["span"]["start"]) for row in rows]
        ordered = all(one[0] != other[0] or one[1] <= other[1] for one, other in pairwise(starts))
        answer = server.get(f"/v1/{resource}")
        if rows:
            yield answer.expect(len(plans) == len(set(plans)), "plans mixed", "plan by plan")
            yield answer.expect(ordered, "spans that go back", "spans in the order of the text")


@rule("parameter sort: due_on")
def due_on_puts_the_earliest_first(server: Server) -> Iterator[Finding]:
    """`sort=due_on` returns the targets with the earliest due dates first, those without one last."""
    rows = server.rows("/v1/targets", {"sort": "due_on"})
    days = [row["due_on"] or "9999-12-31" for row in rows]
    answer = server.get("/v1/targets", {"sort": "due_on"})
    if days:
        yield answer.expect(days == sorted(days), f"{days[:5]}…", "rising days")


@rule("parameter sort: relevance only with q")
def relevance_needs_words(server: Server) -> Iterator[Finding]:
    """`sort=relevance` without `q` returns 422."""
    for operation in server.contract.lists:
        if "relevance" in operation.allowed("sort"):
            yield server.get(operation.path, {"sort": "relevance"}).is_(422)
