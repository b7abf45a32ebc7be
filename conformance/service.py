"""The service document leads everywhere, and all counts agree with the lists."""

from collections import Counter
from collections.abc import Iterator

from conformance.rules import rule
from conformance.server import Finding, Row, Server

ROLES = ("lead", "responsible", "support", "guide")


@rule("getService: links")
def every_link_leads_somewhere(server: Server) -> Iterator[Finding]:
    """Every link of the service document returns 200."""
    answer = server.get("/v1")
    for link in answer.document()["links"].values():
        if "{" not in link:  # a template
            yield server.follow(answer, link).is_(200)


@rule("openapi.json, openapi.yaml")
def the_contract_is_published(server: Server) -> Iterator[Finding]:
    """The server publishes its own contract, OpenAPI 3.1, with every path of this one."""
    answer = server.get("/openapi.json")
    document = answer.document()
    came = document.get("openapi", "")
    yield answer.expect(came.startswith("3.1"), f"openapi {came}", "3.1")
    missing = sorted({one.path for one in server.contract.operations} - set(document["paths"]))
    yield answer.expect(not missing, f"without {', '.join(missing)}", "every path")
    yield server.get("/openapi.yaml").is_(200)


def counted(server: Server, plan: str | None = None) -> dict[str, int]:
    """What there is, counted in the lists."""

    def rows(resource: str) -> list[Row]:
        every = server.listed(resource)
        return [row for row in every if plan in (None, row["plan"])]

    tasks = rows("tasks")
    return {
        "sections": len(rows("sections")),
        "items": sum(task["level"] == "item" for task in tasks),
        "tasks": sum(task["is_leaf"] for task in tasks),
        "assignments": sum(len(task["assignments"]) for task in tasks),
        "agencies": len({a["agency"]["id"] for task in tasks for a in task["assignments"]}),
        "targets": len(rows("targets")),
    }


@rule("Service.counts")
def the_service_counts_what_the_lists_give(server: Server) -> Iterator[Finding]:
    """The counts of the service document are those of the lists."""
    answer = server.get("/v1")
    listed = {name: len(server.listed(name)) for name in ("plans", "agencies", "platforms")}
    for name, right in {**counted(server), **listed}.items():
        came = answer.document()["counts"].get(name, right)
        yield answer.expect(came == right, f"{name}: {came}", right)


@rule("Plan.counts, Section.items, Section.tasks")
def plans_and_sections_count_what_the_lists_give(server: Server) -> Iterator[Finding]:
    """The counts of plans and sections are those of the lists."""
    for plan in server.listed("plans"):
        for name, right in counted(server, plan["id"]).items():
            came = plan["counts"][name]
            yield Finding(
                came == right, f"GET /v1/plans/{plan['id']}", f"counts.{name} {came}", str(right)
            )
    for section in server.listed("sections"):
        every = server.listed("tasks")
        tasks = [t for t in every if t["section"] and t["section"]["id"] == section["id"]]
        items, leaves = sum(t["level"] == "item" for t in tasks), sum(t["is_leaf"] for t in tasks)
        said, asked = (section["items"], section["tasks"]), f"GET /v1/sections/{section['id']}"
        there = (items, leaves)
        yield Finding(said == there, asked, f"items, tasks: {said}", str(there))


@rule("Agency.counts")
def agencies_count_what_the_lists_give(server: Server) -> Iterator[Finding]:
    """The counts of an agency are the numbers of its tasks by role."""
    work = Counter(
        work
        for task in server.listed("tasks")
        for work in {(a["agency"]["id"], a["role"]) for a in task["assignments"]}
    )
    for agency in server.listed("agencies"):
        right = {role: work[agency["id"], role] for role in ROLES}
        came = agency["counts"]
        yield Finding(
            came == right, f"GET /v1/agencies/{agency['id']}", f"counts {came}", str(right)
        )


@rule("Task.targets, Task.is_leaf, Platform.tasks")
def what_stands_twice_is_the_same(server: Server) -> Iterator[Finding]:
    """Targets in tasks are those of the list, leaves have no sub-items, platforms and tasks agree."""
    targets: dict[str, list[Row]] = {}
    for target in server.listed("targets"):
        if target["task"]:
            targets.setdefault(target["task"]["id"], []).append(target)
    named: dict[str, list[str]] = {}
    parents = {task["parent"]["id"] for task in server.listed("tasks") if task["parent"]}
    for task in server.listed("tasks"):
        asked = f"GET /v1/tasks/{task['id']}"
        right = targets.get(task["id"], [])
        came = f"targets {[target['id'] for target in task['targets']]}"
        yield Finding(task["targets"] == right, asked, came, f"{[t['id'] for t in right]}, whole")
        leaf = task["id"] not in parents
        yield Finding(task["is_leaf"] == leaf, asked, f"is_leaf {task['is_leaf']}", str(leaf))
        for platform in task["platforms"]:
            named.setdefault(platform["id"], []).append(task["id"])
    for platform in server.listed("platforms"):
        came_ids = [task["id"] for task in platform["tasks"]]
        right_ids = named.get(platform["id"], [])
        asked = f"GET /v1/platforms/{platform['id']}"
        yield Finding(sorted(came_ids) == sorted(right_ids), asked, str(came_ids), str(right_ids))
