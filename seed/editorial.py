"""What a person decided about a notice, each with a reason: `editorial.yaml`."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import yaml

from seed.refusals import NoticeRefusedError
from seed.shifted_runs import Decision

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
    try:
        given = yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise NoticeRefusedError(None, f"{path.name}: {error}", "YAML in UTF-8") from None
    allowed = {field.name for field in fields(Editorial)}
    if not isinstance(given, dict) or not set(given) <= allowed or "jurisdiction" not in given:
        raise NoticeRefusedError(
            None,
            f"{path.name} with {', '.join(map(str, given or ()))}",
            f"jurisdiction and any of {', '.join(sorted(allowed))}",
        )
    decided = {
        name: tuple(_decision(kind, entry, path.name) for entry in given.get(name) or ())
        for name, kind in KINDS.items()
    }
    status = given.get("status", "in_force")
    if status not in STATUSES:
        raise NoticeRefusedError(None, f"{path.name}: status {status}", " or ".join(STATUSES))
    return Editorial(str(given["jurisdiction"]), status, **decided)


def _decision(kind: type, entry: Any, file: str) -> Any:
    names = [field.name for field in fields(kind)]
    if not isinstance(entry, dict) or not entry.get("reason") or not set(entry) <= set(names):
        raise NoticeRefusedError(
            None, f"{file}: {entry}", f"{', '.join(names)}, and a reason always"
        )
    try:
        return kind(**{name: str(value) for name, value in entry.items()})
    except TypeError:
        raise NoticeRefusedError(None, f"{file}: {entry}", f"all of {', '.join(names)}") from None
