"""What a person decided about a notice, each with a reason: `editorial.yaml`."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from app.enums import Role
from seed.refusals import NoticeRefusedError
from seed.shifted_runs import Decision
from seed.yaml_files import read_yaml

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
    """All decisions about one notice."""

    jurisdiction: str
    status: str = "in_force"
    lost: tuple[Decision, ...] = ()
    roles: tuple[RoleDecision, ...] = ()
    targets: tuple[TargetDecision, ...] = ()
    numbers: tuple[NumberDecision, ...] = ()


KINDS: dict[str, type] = {
    "lost": Decision,
    "roles": RoleDecision,
    "targets": TargetDecision,
    "numbers": NumberDecision,
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
    decided = {
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
    return Editorial(str(given["jurisdiction"]), status, **decided)


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
