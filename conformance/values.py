"""What the documents themselves say: which values a filter of a list finds in each row."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from conformance.server import Row, Server

Values = Callable[[Row], set[str]]


def one(*path: str) -> Values:
    """The value at a place of a row, or none where that is null."""

    def values(row: Row) -> set[str]:
        value: Any = row
        for name in path:
            value = value[name] if value is not None else None
        return set() if value is None else {written(value)}

    return values


def each(name: str, field: str) -> Values:
    """A field of each member of a list."""
    return lambda row: {written(member[field]) for member in row[name]}


def written(value: Any) -> str:
    """As a parameter takes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(frozen=True)
class Work:
    """One assignment: what the filters agency, role and agency_kind hold of together."""

    agency: str
    role: str
    agency_kind: str
    plan: str


class Documents:
    """All rows of a server, and what each filter finds in them."""

    def __init__(self, server: Server) -> None:
        self.server = server

    @cached_property
    def tasks(self) -> dict[str, Row]:
        return {row["id"]: row for row in self.server.listed("tasks")}

    @cached_property
    def agency_kinds(self) -> dict[str, str]:
        return {row["id"]: row["kind"] for row in self.server.listed("agencies")}

    @cached_property
    def work_of_agencies(self) -> dict[str, list[Work]]:
        found: dict[str, list[Work]] = {}
        for task in self.tasks.values():
            for work in self.work(task):
                found.setdefault(work.agency, []).append(work)
        return found

    def work(self, task: Row | None) -> list[Work]:
        """The assignments of a task; none where there is no task."""
        return [
            Work(
                assignment["agency"]["id"],
                assignment["role"],
                self.agency_kinds.get(assignment["agency"]["id"], ""),
                task["plan"],
            )
            for assignment in (task or {}).get("assignments", ())
            if task
        ]

    def work_of_target(self, target: Row) -> list[Work]:
        return self.work(self.tasks.get(target["task"]["id"]) if target["task"] else None)

    def filters(self, resource: str) -> dict[str, Values]:
        """Parameter → the values of a row that it finds the row by."""
        government = {"jurisdiction": one("jurisdiction", "code")}
        return {
            "plans": {"status": one("status"), "series": one("series"), **government},
            "sections": {"plan": one("plan"), **government},
            "tasks": {
                **government,
                "plan": one("plan"),
                "section": one("section", "id"),
                "parent": one("parent", "id"),
                "level": one("level"),
                "leaf": one("is_leaf"),
                "agency": lambda row: {work.agency for work in self.work(row)},
                "role": lambda row: {work.role for work in self.work(row)},
                "agency_kind": lambda row: {work.agency_kind for work in self.work(row)},
                "platform": each("platforms", "id"),
                "place": each("places", "code"),
                "status": one("progress", "status"),
                "has_targets": lambda row: {written(bool(row["targets"]))},
            },
            "targets": {
                **government,
                "plan": one("plan"),
                "section": one("section", "id"),
                "task": one("task", "id"),
                "agency": lambda row: {work.agency for work in self.work_of_target(row)},
                "role": lambda row: {work.role for work in self.work_of_target(row)},
                "kind": one("kind"),
                "unit": one("unit"),
                "comparator": one("comparator"),
                "attainment": one("attainment", "status"),
            },
            "agencies": {
                "kind": one("kind"),
                **government,
                "plan": lambda row: {w.plan for w in self.work_of_agencies.get(row["id"], ())},
                "role": lambda row: {w.role for w in self.work_of_agencies.get(row["id"], ())},
            },
            "platforms": {
                "kind": one("kind"),
            },
        }.get(resource, {})
