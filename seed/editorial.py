"""What a person decided about a notice, each with a reason: `editorial.yaml`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

from app.enums import LineageRelation, PlanKind, Role
from seed.plan import Continuation, Period
from seed.refusals import NoticeRefusedError
from seed.shifted_runs import Decision
from seed.yaml_files import read_yaml

SLUG = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
STATUSES = ("in_force", "superseded", "withdrawn")


@dataclass(frozen=True)
class RoleDecision:
    """The role of a clause that names agencies and no role."""

    task: str
    role: str
    reason: str


@dataclass(frozen=True)
class TargetDecision:
    """A short name, and the scope, for the target that a statement makes."""

    statement: str
    reason: str
    as_written: str | None = None  # where a statement makes several
    metric: str | None = None
    scope: str | None = None


@dataclass(frozen=True)
class NumberDecision:
    """Words with a number that is no target."""

    text: str
    reason: str


@dataclass(frozen=True)
class Editorial:
    """All decisions about one notice.

    `title`, `document_number`, `issuer`, `issued_on` and `period` are for what the notice does not
    print; each is written with its reason.  Who read and checked it are named as the operator names them.
    """

    jurisdiction: str
    status: str = "in_force"
    kind: str | None = None
    series: str | None = None
    supersedes: str | None = None
    title: str | None = None
    document_number: str | None = None
    issuer: str | None = None
    issued_on: date | None = None
    period: Period | None = None
    read_on: date | None = None
    read_by: str | None = None
    checked_on: date | None = None
    checked_by: str | None = None
    lost: tuple[Decision, ...] = ()
    roles: tuple[RoleDecision, ...] = ()
    targets: tuple[TargetDecision, ...] = ()
    numbers: tuple[NumberDecision, ...] = ()
    continues: tuple[Continuation, ...] = ()


KINDS: dict[str, type] = {
    "lost": Decision,
    "roles": RoleDecision,
    "targets": TargetDecision,
    "numbers": NumberDecision,
    "continues": Continuation,
}


def read_editorial(path: Path) -> Editorial:
    """The decisions in a file; refuses unknown words and a decision without a reason."""
    if not path.exists():
        raise NoticeRefusedError(None, f"no {path.name}", "at least `jurisdiction:` in it")
    given = read_yaml(path)
    allowed = {field.name for field in fields(Editorial)}
    if not isinstance(given, dict) or not set(given) <= allowed or "jurisdiction" not in given:
        raise NoticeRefusedError(
            None,
            f"{path.name} with {', '.join(map(str, given)) if isinstance(given, dict) else given}",
            f"jurisdiction and any of {', '.join(sorted(allowed))}",
        )
    for name in KINDS:
        if not isinstance(given.get(name) or [], list):
            raise NoticeRefusedError(None, f"{path.name}: {name}", "a list of decisions")
    decided: dict[str, Any] = {
        name: tuple(_decision(kind, entry, path.name) for entry in given.get(name) or ())
        for name, kind in KINDS.items()
    }
    status = given.get("status", "in_force")
    if status not in STATUSES:
        raise NoticeRefusedError(None, f"{path.name}: status {status}", " or ".join(STATUSES))
    for name, of in (("roles", "task"), ("targets", "statement"), ("numbers", "text")):
        keys = [(getattr(d, of), getattr(d, "as_written", None)) for d in decided[name]]
        if len(keys) != len(set(keys)):
            raise NoticeRefusedError(None, f"{path.name}: {name}", f"one decision on each {of}")
    for decision in decided["roles"]:
        if decision.role not in tuple(Role):
            raise NoticeRefusedError(None, f"{path.name}: role {decision.role}", ", ".join(Role))
    for number, one in enumerate(decided["continues"]):
        _refuse_odd(one, decided["continues"][:number], f"{path.name}: continues {one.plan}")
    return Editorial(str(given["jurisdiction"]), status, **_about(given, path.name), **decided)


def _refuse_odd(one: Continuation, before: Sequence[Continuation], place: str) -> None:
    """Refuse a decision without a plan, a relation without both tasks, and a pair that is there twice."""
    if not SLUG.fullmatch(one.plan):
        raise NoticeRefusedError(None, place, "the id of an earlier plan")
    if (one.there and not one.here) or (one.relation and not one.there):
        raise NoticeRefusedError(None, place, "`here` for each `there`, and both for a relation")
    if one.relation and one.relation not in tuple(LineageRelation):
        raise NoticeRefusedError(None, f"{place}: {one.relation}", ", ".join(LineageRelation))
    if any((one.plan, one.here, one.there) == (o.plan, o.here, o.there) for o in before):
        raise NoticeRefusedError(None, f"{place}: {one.here}", "each pair once")


def _about(given: dict[str, Any], file: str) -> dict[str, Any]:
    """What a person says of the plan as a whole, and who read and checked it."""
    found: dict[str, Any] = {}
    for name in ("kind", "series", "supersedes", "read_by", "checked_by"):
        found[name] = given.get(name)
        if not (found[name] is None or (isinstance(found[name], str) and found[name])):
            raise NoticeRefusedError(None, f"{file}: {name} {found[name]}", "a text")
    for name in ("read_on", "checked_on"):
        found[name] = given.get(name)
        if not (found[name] is None or type(found[name]) is date):
            raise NoticeRefusedError(None, f"{file}: {name} {found[name]}", "a day as YYYY-MM-DD")
    texts = ("title", "document_number", "issuer")
    for name, kind in (*((name, str) for name in texts), ("issued_on", date)):
        if name in given:
            (found[name],) = _reasoned(given[name], ["value"], kind, f"{file}: {name}")
    if "period" in given:
        start, end = _reasoned(given["period"], ["start_on", "end_on"], date, f"{file}: period")
        if start > end:
            raise NoticeRefusedError(None, f"{file}: period", "a first day before the last one")
        found["period"] = Period(start, end)
    if found["kind"] is not None and found["kind"] not in tuple(PlanKind):
        raise NoticeRefusedError(None, f"{file}: kind {found['kind']}", ", ".join(PlanKind))
    for name in ("series", "supersedes"):
        if found[name] is not None and not SLUG.fullmatch(found[name]):
            raise NoticeRefusedError(None, f"{file}: {name} {found[name]}", "a-z, 0-9 and -")
    if found["checked_by"] is not None and found["checked_by"] == found["read_by"]:
        raise NoticeRefusedError(None, f"{file}: checked_by", "another person than read_by")
    return found


def _reasoned(entry: Any, names: list[str], kind: type, place: str) -> list[Any]:
    """The values of an entry that has a reason."""
    fits = isinstance(entry, dict) and set(entry) == {*names, "reason"}
    values = [entry[name] for name in names] if fits else []
    if (
        not fits
        or not entry["reason"]
        or not all(type(v) is kind and str(v).strip() for v in values)
    ):
        raise NoticeRefusedError(
            None, place, f"{', '.join(names)} ({kind.__name__}), and a reason always"
        )
    return values


def _decision(kind: type, entry: Any, file: str) -> Any:
    names = [field.name for field in fields(kind)]
    fits = isinstance(entry, dict) and "reason" in entry and set(entry) <= set(names)
    if not fits or not all(isinstance(value, str) and value for value in entry.values()):
        raise NoticeRefusedError(
            None, f"{file}: {entry}", f"{', '.join(names)} as texts, and a reason always"
        )
    try:
        return kind(**entry)
    except TypeError:
        raise NoticeRefusedError(None, f"{file}: {entry}", f"all of {', '.join(names)}") from None
