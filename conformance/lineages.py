"""Comparisons of two plans, and lineages through the years."""

from collections.abc import Iterator

from conformance.rules import rule
from conformance.server import Finding, Server, spread

EACH = 3  # plans, tasks or targets that are tried


@rule("GET /v1/plans/{plan_id}/comparison: 422")
def a_plan_is_compared_with_an_earlier_one(server: Server) -> Iterator[Finding]:
    """A plan compared with itself, or with a later one, returns 422 that names `with`."""
    plans = [plan["id"] for plan in spread(server.listed("plans"), EACH)]
    wrong = [(plan, plan) for plan in plans]
    wrong += [(earlier, later) for later, earlier in server.successive()[:EACH]]
    for plan, other in wrong:
        answer = server.get(f"/v1/plans/{plan}/comparison", {"with": other})
        yield answer.is_(422)
        names = [error["name"] for error in answer.json()["errors"]]
        yield answer.expect(names == ["with"], names, ["with"])


@rule("Comparison, TaskLineage, TargetLineage")
def nothing_is_lost_between_the_years(server: Server) -> Iterator[Finding]:
    """A lineage contains the row itself; a comparison contains every task of both plans."""
    for resource, member in (("tasks", "task"), ("targets", "target")):
        for row in spread(server.listed(resource), EACH):
            answer = server.get(f"/v1/{resource}/{row['id']}/lineage")
            ids = [one[member]["id"] for one in answer.document()["lineage"]]
            yield answer.expect(ids.count(row["id"]) == 1, ids, f"{row['id']} once")
    for later, earlier in server.successive()[:EACH]:
        answer = server.get(f"/v1/plans/{later}/comparison", {"with": earlier})
        document = answer.document()
        for plan, side in ((later, "here"), (earlier, "there")):
            paired = {pair[side]["id"] for pair in document["pairs"]}
            alone = {task["id"] for task in document[f"only_{side}"]}
            tasks = {task["id"] for task in server.rows("/v1/tasks", {"plan": plan})}
            missing = sorted(tasks ^ (paired | alone))
            yield answer.expect(not missing, missing[:3], "every task of both plans")
