"""Who may do what: one table, applied by one function.

It is in the contract as the security of each operation, and `tests/api/test_authorization.py` is
made from it; an operation that needs a key and has no line here fails the start of the service.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.enums import KeyRole
from app.http.problems import ForbiddenError, Words


class Reach(StrEnum):
    """About what somebody with the right role may write."""

    ASSIGNED = "assigned"  # tasks of the key's agency, also through collectives that it speaks for
    ANY = "any"


@dataclass(frozen=True)
class Permission:
    """The roles that may do an operation, and their reach."""

    roles: frozenset[KeyRole]
    reach: Reach


def _may(role: KeyRole, reach: Reach) -> Permission:
    return Permission(frozenset({role}), reach)


PERMISSIONS: Mapping[str, Permission] = {
    "createReport": _may(KeyRole.REPORTER, Reach.ASSIGNED),
    "createMeasurement": _may(KeyRole.REPORTER, Reach.ASSIGNED),
    "withdrawMeasurement": _may(KeyRole.COORDINATOR, Reach.ANY),
    "createMilestone": _may(KeyRole.REPORTER, Reach.ASSIGNED),
    "changeMilestone": _may(KeyRole.REPORTER, Reach.ASSIGNED),
    "withdrawReport": _may(KeyRole.COORDINATOR, Reach.ANY),
    "createAssessment": _may(KeyRole.ASSESSOR, Reach.ANY),
    "withdrawAssessment": _may(KeyRole.COORDINATOR, Reach.ANY),
    "createBulletin": _may(KeyRole.COORDINATOR, Reach.ANY),
    "withdrawBulletin": _may(KeyRole.COORDINATOR, Reach.ANY),
    "createWebhook": _may(KeyRole.ADMIN, Reach.ANY),
    "changeWebhook": _may(KeyRole.ADMIN, Reach.ANY),
    "listWebhooks": _may(KeyRole.ADMIN, Reach.ANY),
    "getWebhook": _may(KeyRole.ADMIN, Reach.ANY),
    "listWebhookDeliveries": _may(KeyRole.ADMIN, Reach.ANY),
}


def authorise(operation: str, role: KeyRole) -> None:
    """Raise ForbiddenError where keys of a role may not do an operation."""
    roles = PERMISSIONS[operation].roles
    if role not in roles:
        named = ", ".join(sorted(roles))
        raise ForbiddenError(
            Words(f"此操作需要角色 {named} 的密钥。", f"This needs a key with the role {named}.")
        )
