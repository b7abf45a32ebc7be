"""Who may do what: one table, applied by one function.

It is in the contract as the security of each operation, and `tests/api/test_authorization.py` is
made from it; an operation that needs a key and has no line here fails the start of the service.
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


def _of_kind(kind: FactKind) -> Iterator[tuple[str, Permission]]:
    """Who adds a fact of a kind, and who withdraws one; what is not withdrawn is changed by its author."""
    name = kind.model.__name__
    reach = Reach.ASSIGNED if kind.written_by is KeyRole.REPORTER else Reach.ANY
    author = _may(kind.written_by, reach)
    yield f"create{name}", author
    if issubclass(kind.model, Fact):
        yield f"withdraw{name}", _may(KeyRole.COORDINATOR, Reach.ANY)
    else:
        yield f"change{name}", author


PERMISSIONS: Mapping[str, Permission] = {
    **{operation: may for kind in FACT_KINDS for operation, may in _of_kind(kind)},
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
            Message(f"此操作需要角色 {named} 的密钥。", f"This needs a key with the role {named}.")
        )
