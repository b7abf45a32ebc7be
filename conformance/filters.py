"""A filtered list is exactly the rows of the whole list that fit, in the same order."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import combinations

from conformance.rules import rule
from conformance.server import Finding, Params, Row, Server, key_of, spread
from conformance.values import Documents, Values

EACH = 3  # values of a filter that are tried: the most frequent, the rarest, and one between
PAST = "1900-01-01T00:00:00Z"
# One moment in the ways in which clients write it.
FUTURE = (
    "2999-01-01T00:00:00Z",
    "2999-01-01t08:00:00.000000000+08:00",
    "2998-12-31T16:00:00.0000000-0800",
)


def compared(server: Server, path: str, params: Params, fitting: Iterable[Row]) -> Finding:
    """That a filtered list has exactly these rows, in this order."""
    right = [key_of(row) for row in fitting]
    came = server.ids(path, params)
    answer = server.get(path, {**params, "limit": 1000})
    lost, more = sorted({*right} - {*came}), sorted({*came} - {*right})
    what = f"without {lost[:3]}, with {more[:3]}" if lost or more else "another order"
    total = answer.document()["page"]["total"]
    if came == right and total != len(right):
        what = f"total {total}"
    return answer.expect(came == right and total == len(right), what, f"the {len(right)} that fit")


def some(rows: Iterable[Row], values: Values) -> list[str]:
    """Values that rows have: frequent and rare ones."""
    counted = Counter(value for row in rows for value in values(row))
    return spread([value for value, _ in counted.most_common()], EACH)


def by_each_filter(server: Server, resource: str) -> Iterator[Finding]:
    """Each filter of a list, by some of its values."""
    operation = server.contract.at(path := f"/v1/{resource}")
    rows = server.listed(resource)
    for name, values in Documents(server).filters(resource).items():
        for value in some(rows, values) if operation and name in operation.parameters else ():
            fitting = [row for row in rows if value in values(row)]
            yield compared(server, path, {name: value}, fitting)


@rule("listTasks: filters")
def filters_of_tasks_give_exactly_what_fits(server: Server) -> Iterator[Finding]:
    """Each filter of tasks returns exactly the tasks whose documents have the value."""
    yield from by_each_filter(server, "tasks")


@rule("listTargets: filters")
def filters_of_targets_give_exactly_what_fits(server: Server) -> Iterator[Finding]:
    """Each filter of targets returns exactly the targets that have the value, or whose tasks do."""
    yield from by_each_filter(server, "targets")


@rule("listAgencies: filters")
def filters_of_agencies_give_exactly_what_fits(server: Server) -> Iterator[Finding]:
    """Each filter of agencies returns exactly the agencies that have the value, or such tasks."""
    yield from by_each_filter(server, "agencies")


@rule("listPlans, listSections, listPlatforms: filters")
def filters_of_the_other_lists_give_exactly_what_fits(server: Server) -> Iterator[Finding]:
    """Each filter of plans, sections and platforms returns exactly the rows that have the value."""
    for resource in ("plans", "sections", "platforms"):
        yield from by_each_filter(server, resource)


@rule("listPlatforms: parameter plan")
def platforms_of_a_plan_are_those_that_it_names(server: Server) -> Iterator[Finding]:
    """`plan` returns the platforms that tasks of the plan name, and others only if its text names them."""
    tasks = Documents(server).tasks
    for plan in spread(server.listed("plans"), EACH):
        answer = server.get("/v1/platforms", {"plan": plan["id"], "limit": 1000})
        text = server.get(f"/v1/plans/{plan['id']}/text").document()["text"]
        came = set(answer.ids())
        for row in server.listed("platforms"):
            of_tasks = any(tasks[task["id"]]["plan"] == plan["id"] for task in row["tasks"])
            there = row["id"] in came
            fine = there if of_tasks else not there or row["name"] in text
            yield answer.expect(
                fine, f"{'with' if there else 'without'} {row['id']}", "those it names"
            )


@rule("filters: repeating one means OR")
def a_repeated_filter_means_or(server: Server) -> Iterator[Finding]:
    """A repeated filter returns the rows that have either value."""
    for resource in ("tasks", "targets"):
        rows, path = server.listed(resource), f"/v1/{resource}"
        for name, values in Documents(server).filters(resource).items():
            if name not in ("leaf", "has_targets") and len(two := some(rows, values)[:2]) == 2:
                fitting = [row for row in rows if values(row) & set(two)]
                yield compared(server, path, {name: two}, fitting)


@rule("filters: different ones mean AND")
def different_filters_mean_and(server: Server) -> Iterator[Finding]:
    """Two filters together return the rows that match both."""
    for resource, names in (
        ("tasks", ("section", "leaf", "platform", "has_targets")),
        ("targets", ("section", "kind", "unit")),
    ):
        rows, filters = server.listed(resource), Documents(server).filters(resource)
        for one, other in combinations(names, 2):
            for value in some(rows, filters[one])[:1]:
                fitting = [row for row in rows if value in filters[one](row)]
                for more in some(fitting, filters[other])[-1:]:
                    both = [row for row in fitting if more in filters[other](row)]
                    yield compared(server, f"/v1/{resource}", {one: value, other: more}, both)


@rule("parameter role: of the agency, where one is given")
def agency_and_role_hold_of_one_assignment(server: Server) -> Iterator[Finding]:
    """`agency` with `role` returns the tasks and targets in which that agency has that role."""
    documents = Documents(server)
    works = [work for all_ in documents.work_of_agencies.values() for work in all_]
    times = Counter(work.role for work in works)
    rare = [work for work in works if work.role == min(times, key=lambda role: times[role])]
    work_of = {"tasks": documents.work, "targets": documents.work_of_target}
    for agency in {work.agency: work for work in [*spread(works, EACH), *rare[:1]]}:
        for resource, work_in in work_of.items():
            operation, rows = server.contract.at(path := f"/v1/{resource}"), server.listed(resource)
            for role in operation.allowed("role") if operation else ():
                wanted = agency, role
                fitting = [r for r in rows if wanted in {(w.agency, w.role) for w in work_in(r)}]
                yield compared(server, path, {"agency": agency, "role": role}, fitting)


@rule("parameter collectives")
def an_agency_finds_what_its_collectives_have_to_do(server: Server) -> Iterator[Finding]:
    """`collectives=true` adds the tasks and targets of the `collectives` of `agency`; alone it returns 422."""
    documents = Documents(server)
    work_of = {"tasks": documents.work, "targets": documents.work_of_target}
    members = [row for row in server.listed("agencies") if row.get("collectives")]
    for resource, work_in in work_of.items():
        operation, rows = server.contract.at(path := f"/v1/{resource}"), server.listed(resource)
        if not members or not operation or "collectives" not in operation.parameters:
            continue
        for member in spread(members, EACH):
            wanted = {member["id"], *(one["id"] for one in member["collectives"])}
            fitting = [row for row in rows if wanted & {work.agency for work in work_in(row)}]
            params = {"agency": member["id"], "collectives": "true"}
            yield compared(server, path, params, fitting)
        alone = server.get(path, {"collectives": "true"})
        yield alone.expect(alone.status == 422, alone.status, "422, since there is no `agency`")


@rule("parameters due_from, due_to")
def due_dates_bound_the_list(server: Server) -> Iterator[Finding]:
    """`due_from` and `due_to` return the targets due on that day or later, and on it or earlier; no null."""
    rows = [row for row in server.listed("targets") if row["due_on"] is not None]
    for day in spread(sorted({row["due_on"] for row in rows}), EACH):
        later = str(date.fromisoformat(day) + timedelta(days=1))
        for bound in (day, later):
            from_then = [row for row in rows if row["due_on"] >= bound]
            until_then = [row for row in rows if row["due_on"] <= bound]
            yield compared(server, "/v1/targets", {"due_from": bound}, from_then)
            yield compared(server, "/v1/targets", {"due_to": bound}, until_then)


@rule("parameter changed_since")
def changed_since_bounds_every_list(server: Server) -> Iterator[Finding]:
    """`changed_since` returns all rows for a past date and none for a future one, in any notation."""
    for operation in server.contract.lists:
        if "changed_since" in operation.parameters and (rows := server.rows(operation.path)):
            yield compared(server, operation.path, {"changed_since": PAST}, rows)
            for moment in FUTURE:
                yield compared(server, operation.path, {"changed_since": moment}, [])


@rule("parameter id")
def id_gives_exactly_these(server: Server) -> Iterator[Finding]:
    """Repeated `id` returns exactly these rows."""
    for operation in server.contract.details:
        rows = server.listed(operation.resource)
        wanted = spread(rows, EACH)
        if wanted:
            ids = [row["id"] for row in reversed(wanted)]
            yield compared(server, f"/v1/{operation.resource}", {"id": ids}, wanted)


@rule("parameters agency, name: any known name, in either script")
def an_agency_is_found_by_every_name_it_has(server: Server) -> Iterator[Finding]:
    """An agency is found by its names and aliases, in either script, as well as by its id."""
    rows = server.listed("agencies")
    in_other_script = {row["id"]: row for row in server.rows("/v1/agencies", {"lang": "zh-Hant"})}
    for row in spread(rows, EACH):
        other = in_other_script[row["id"]]
        names = {
            n for r in (row, other) for n in (r["name"], r["official_name"], *r["aliases"][:2])
        }
        by_id = server.ids("/v1/tasks", {"agency": row["id"]})
        for name in sorted(names):
            found = server.get("/v1/agencies", {"name": name})
            yield found.expect(row["id"] in found.ids(), found.ids()[:3], row["id"])
            answer = server.get("/v1/tasks", {"agency": name, "limit": 1000})
            if answer.status == 422:  # several share the name
                told = answer.json()["errors"][0]["allowed"]
                yield answer.expect(row["id"] in (told or []), told, f"{row['id']} among others")
            else:
                same = server.ids("/v1/tasks", {"agency": name}) == by_id
                yield answer.expect(same, "other tasks", f"those of agency={row['id']}")
