"""The assignment clause: （省政务服务数据管理局、司法厅牵头） → who does what.

A clause is groups of names, each closed by a role: 牵头 lead, 负责 responsible, 配合 and 参与
support, 指导 guide.  、 hands the prefix of a name on (省公安厅、司法厅); ， starts afresh.
"""

import re
from collections.abc import Iterator

from seed.plan import Assignment
from seed.refusals import NoticeRefusedError
from seed.registry import PREFIXES, Agency, Registry

ROLES = {
    "牵头": "lead",
    "负责": "responsible",
    "配合": "support",
    "参与": "support",
    "指导": "guide",
}
ROLE_WORDS = re.compile(
    r"(?:按照?(?:各自)?(?:职责|职能)(?:分工)?)?(?:分别|共同|联合|具体)?"
    r"(牵头|负责|配合|参与|指导)(?:负责|组织实施|落实|实施)?"
)
SEPARATORS = re.compile(r"(?P<handing_on>[、和与及])|(?P<afresh>[，；])")


def read_clause(
    clause: str, registry: Registry, decided_role: str | None, line: int
) -> list[Assignment]:
    """The assignments of a clause, in its order.

    `decided_role` is the editorial role of a clause that names none.
    Raises NoticeRefusedError for a name or a word that is not known.
    """
    found: list[Assignment] = []
    waiting: list[tuple[Agency, str, str | None]] = []
    prefixes: tuple[str, ...] = ()
    position = 0
    while position < len(clause):
        if separator := SEPARATORS.match(clause, position):
            if separator["afresh"]:
                prefixes = ()
            position = separator.end()
        elif (words := ROLE_WORDS.match(clause, position)) and waiting:
            found += _assign(waiting, ROLES[words[1]])
            waiting = []
            position = words.end()
        else:
            agency, written, handed_on = _name_at(clause, position, registry, prefixes, line)
            waiting.append((agency, written, handed_on))
            if handed_on is None:
                prefixes = tuple(p for p in PREFIXES if written.startswith(p))
            position += len(written)
    if waiting and decided_role is None:
        raise NoticeRefusedError(
            line,
            f"（{clause}） without a role",
            f"one of {', '.join(ROLES)}, or a decision in editorial.yaml under `roles`",
        )
    found += _assign(waiting, decided_role or "")
    pairs = [(assignment.agency, assignment.role) for assignment in found]
    for agency_id, role in pairs:
        if pairs.count((agency_id, role)) > 1:
            raise NoticeRefusedError(
                line, f"（{clause}） with {agency_id} twice as {role}", "each agency once in a role"
            )
    if not found:
        raise NoticeRefusedError(line, f"（{clause}）", "names of agencies and a role")
    return found


def _assign(names: list[tuple[Agency, str, str | None]], role: str) -> Iterator[Assignment]:
    for agency, written, handed_on in names:
        yield Assignment(agency.id, role, written, handed_on)


def _name_at(
    clause: str, position: int, registry: Registry, prefixes: tuple[str, ...], line: int
) -> tuple[Agency, str, str | None]:
    """The longest known name at a position: whole, or with a prefix that was handed on."""
    for name, agency in registry.full_names.items():
        if clause.startswith(name, position) and _ends_at(clause, position + len(name)):
            return agency, name, None
    for prefix in prefixes:
        for name, agency in registry.full_names.items():
            written = name.removeprefix(prefix)
            if (
                written != name
                and clause.startswith(written, position)
                and _ends_at(clause, position + len(written))
            ):
                return agency, written, prefix
    rest = re.split(r"[、，；]|牵头|负责|配合|参与|指导", clause[position:])[0]
    raise NoticeRefusedError(
        line,
        f"（{clause}） names {rest or clause[position:]}",
        "a name of registry/agencies.yaml; add it there if it is a body of its own",
    )


def _ends_at(clause: str, position: int) -> bool:
    """A name ends where the clause ends, a separator stands, or a role begins."""
    return (
        position == len(clause)
        or SEPARATORS.match(clause, position) is not None
        or ROLE_WORDS.match(clause, position) is not None
    )
