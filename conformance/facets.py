"""Facets count what the lists give."""

from collections import Counter
from collections.abc import Iterator

from conformance.contract import Operation
from conformance.rules import rule
from conformance.server import Answer, Finding, Server
from conformance.values import Documents


def counted(server: Server, query: str = "") -> Iterator[tuple[Operation, str, Answer]]:
    """Each field of each facet: the operation, the field and what came."""
    for operation in server.contract.operations:
        for schema in operation.fields.values():
            for field in schema.get("enum", ()):
                yield operation, field, server.get(f"{_path(operation)}/{field}{query}")


def _path(operation: Operation) -> str:
    return operation.path.partition("/{")[0]


@rule("FacetBucket.count")
def a_facet_counts_what_the_list_gives(server: Server) -> Iterator[Finding]:
    """Each count is the number of rows in the list with that value, and no value is missing."""
    documents = Documents(server)
    for operation, field, answer in counted(server):
        rows, values = server.listed(operation.resource), documents.filters(operation.resource)
        if not rows or field not in values:
            continue
        right = Counter(value for row in rows for value in values[field](row))
        buckets = answer.document()["data"]
        came = {b["value"]: b["count"] for b in buckets if b["value"] is not None}
        other = {
            v: (came.get(v), right.get(v)) for v in {*came, *right} if came.get(v) != right.get(v)
        }
        if answer.document()["complete"]:
            first = dict(list(other.items())[:3])
            yield answer.expect(not other, f"counted, there are: {first}", "equal counts")


@rule("TaskFacets.total, TargetFacets.total")
def the_total_of_a_facet_is_that_of_the_list(server: Server) -> Iterator[Finding]:
    """The total of a facet is the total of the list with the same filters."""
    plans = [row["id"] for row in server.get("/v1/plans").document()["data"][:1]]
    sections = [row["id"] for row in server.get("/v1/sections").document()["data"][:1]]
    for query in ["", *(f"?plan={id_}" for id_ in plans), *(f"?section={id_}" for id_ in sections)]:
        for operation, _, answer in counted(server, query):
            total = answer.document()["total"]
            path = f"/v1/{operation.resource}{query}"
            right = server.get(path).document()["page"]["total"]
            if plans:
                yield answer.expect(
                    total == right, f"total {total}", f"{right}, as GET {path} says"
                )


@rule("TaskFacets, TargetFacets: under the filters of the list")
def a_facet_counts_under_the_filters(server: Server) -> Iterator[Finding]:
    """With a filter, a facet counts only the rows that match it."""
    documents = Documents(server)
    for section in server.get("/v1/sections").document()["data"][-1:]:
        for operation, field, answer in counted(server, f"?section={section['id']}"):
            values = documents.filters(operation.resource).get(field)
            every = server.listed(operation.resource)
            rows = [r for r in every if r["section"] and r["section"]["id"] == section["id"]]
            if values:
                right = Counter(value for row in rows for value in values(row))
                data = answer.document()["data"]
                came = {b["value"]: b["count"] for b in data if b["value"] is not None}
                yield answer.expect(came == dict(right), came, dict(right))


@rule("FacetBucket: null where rows have no value")
def rows_without_a_value_are_counted_as_null(server: Server) -> Iterator[Finding]:
    """If each row has at most one value, the counts add up to the total."""
    single = ("jurisdiction", "series", "plan", "section", "level", "leaf", "status", "has_targets", "kind",
              "unit", "comparator", "strength", "recurrence", "attainment")  # fmt: skip
    for _, field, answer in counted(server):
        document = answer.document()
        if field in single and document["data"] and document["complete"]:
            total = sum(bucket["count"] for bucket in document["data"])
            yield answer.expect(total == document["total"], f"together {total}", document["total"])


@rule("FacetBucket: most frequent first, null last")
def the_most_frequent_value_comes_first(server: Server) -> Iterator[Finding]:
    """Values are in descending order of their counts, each exactly once."""
    for _, _, answer in counted(server):
        data = answer.document()["data"]
        counts = [bucket["count"] for bucket in data if bucket["value"] is not None]
        values = [bucket["value"] for bucket in data]
        if data:
            yield answer.expect(counts == sorted(counts, reverse=True), counts[:9], "falling")
            yield answer.expect(len(values) == len(set(values)), "a value twice", "each once")
