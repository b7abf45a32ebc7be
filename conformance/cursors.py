"""Cursors are opaque and sealed: one that this list did not give is refused."""

from collections.abc import Iterator

from conformance.contract import Operation
from conformance.rules import rule
from conformance.server import Answer, Finding, Server


def given(server: Server) -> Iterator[tuple[Operation, str]]:
    """The lists that go on after one row, and the cursor that goes on."""
    for operation in server.contract.lists:
        cursor = server.get(operation.path, {"limit": 1}).document()["page"]["next"]
        if cursor:
            yield operation, cursor


def refused(answer: Answer) -> Finding:
    """That it is 422, and says that the cursor is meant."""
    if answer.status != 422:
        return answer.is_(422)
    named = [error["name"] for error in answer.json()["errors"]]
    return answer.expect("cursor" in named, f"errors name {named}", "cursor")


@rule("parameter cursor: 422")
def a_tampered_cursor_is_refused(server: Server) -> Iterator[Finding]:
    """A cursor with any character changed returns 422."""
    for operation, cursor in given(server):
        for place in {0, len(cursor) // 3, len(cursor) // 2, len(cursor) - 2}:
            other = "A" if cursor[place] != "A" else "B"
            changed = cursor[:place] + other + cursor[place + 1 :]
            yield refused(server.get(operation.path, {"limit": 1, "cursor": changed}))


@rule("parameter cursor: 422")
def what_is_no_cursor_is_refused(server: Server) -> Iterator[Finding]:
    """A truncated, extended or invented cursor returns 422."""
    for operation, cursor in given(server):
        for changed in (cursor[:-4], cursor + "AAAA", "made-up", "1"):
            yield refused(server.get(operation.path, {"limit": 1, "cursor": changed}))


@rule("parameter cursor: 422")
def a_cursor_of_another_order_or_filter_is_refused(server: Server) -> Iterator[Finding]:
    """A cursor that belongs to another order or to other filters returns 422."""
    for operation, cursor in given(server):
        others = [{"sort": sort} for sort in operation.allowed("sort") if sort == "-title"]
        for name, value in (("leaf", "true"), ("after", "1")):
            if name in operation.parameters:
                others.append({name: value})
        for other in others:
            yield refused(server.get(operation.path, {**other, "limit": 1, "cursor": cursor}))


@rule("parameter cursor: 422")
def a_cursor_of_another_list_is_refused(server: Server) -> Iterator[Finding]:
    """A cursor of another list returns 422."""
    cursors = list(given(server))
    for (operation, _), (_, cursor) in zip(cursors, [*cursors[1:], *cursors[:1]], strict=True):
        if len(cursors) > 1:
            yield refused(server.get(operation.path, {"limit": 1, "cursor": cursor}))
