"""Permissions: one table, applied by one function.

The contract states it as the security of each operation, and `tests/api/test_authorization.py` is
generated from it; an operation that needs a key and has no entry here prevents the start.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.db.models import Fact
from app.enums import KeyRole
from app.http.problems import ForbiddenError, Message
from app.kinds import FACT_KINDS
from app.kinds.kind import FactKind


class Reach(StrEnum):
    """The resources that a role may write about."""

    ASSIGNED = "assigned"  # tasks assigned to the key's agency, also by delegation
    JURISDICTION = "jurisdiction"  # what belongs to the key's government or to one below it


@dataclass(frozen=True)
class Permission:
    """The roles that may do an operation, and their reach."""

    roles: frozenset[KeyRole]
    reach: Reach
    in_part: bool = False  # the rest of the operation needs no key


def _allow(role: KeyRole, reach: Reach) -> Permission:
    return Permission(frozenset({role}), reach)


def _of_kind(kind: FactKind) -> Iterator[tuple[str, Permission]]:
    """Permissions to add and withdraw facts of a kind; milestones are changed by their author instead."""
    name = kind.model.__name__
    reach = Reach.ASSIGNED if kind.written_by is KeyRole.REPORTER else Reach.JURISDICTION
    author = _allow(kind.written_by, reach)
    if kind.written_by_operation:
        yield kind.written_by_operation, author
        return
    yield f"create{name}", author
    if issubclass(kind.model, Fact):
        yield f"withdraw{name}", _allow(KeyRole.COORDINATOR, Reach.JURISDICTION)
    else:
        yield f"change{name}", author


PERMISSIONS: Mapping[str, Permission] = {
    **{operation: permission for kind in FACT_KINDS for operation, permission in _of_kind(kind)},
    "listErrorReports": Permission(
        frozenset({KeyRole.COORDINATOR}), Reach.JURISDICTION, in_part=True
    ),
    "createWebhook": _allow(KeyRole.ADMIN, Reach.JURISDICTION),
    "changeWebhook": _allow(KeyRole.ADMIN, Reach.JURISDICTION),
    "listWebhooks": _allow(KeyRole.ADMIN, Reach.JURISDICTION),
    "getWebhook": _allow(KeyRole.ADMIN, Reach.JURISDICTION),
    "listWebhookDeliveries": _allow(KeyRole.ADMIN, Reach.JURISDICTION),
}


def authorise(operation: str, role: KeyRole) -> None:
    """Raise ForbiddenError if a role may not perform an operation."""
    roles = PERMISSIONS[operation].roles
    if role not in roles:
        named = ", ".join(sorted(roles))
        raise ForbiddenError(
            Message(
                f"此操作需要角色 {named} 的密钥。",
                f"This operation needs a key with the role {named}.",
            )
        )
