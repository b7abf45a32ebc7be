"""START HERE: what breaks for clients between the released contract and a proposed one.

Compared is what a client meets: paths, operations, their names and tags, parameters, bodies,
answers, headers, security, servers, and the names of schemas, which generated types are called by.
Where a thing is written does not matter: `$ref`s are followed, and order is none.
Texts and examples may change; callbacks, webhooks and links are not looked at.

The version decides whether a break may be released (Semantic Versioning, sections 4 and 8): a new
major version may break; before 1.0.0 a new minor version may, as package managers read `^0.4`.
What the released contract marks `deprecated: true` with an `x-sunset` that has come may go.
"""

from datetime import date

from compatibility.breakages import Breakage, Breakages
from compatibility.documents import Document
from compatibility.operations import compare_operations, compare_security_schemes
from compatibility.schemas import Schemas


def breakages(released: Document, proposed: Document, today: date) -> list[Breakage]:
    """All that breaks, each told once; raises UnreadableError."""

    def each() -> Breakages:
        schemas = Schemas(released, proposed, today)
        yield from compare_operations(schemas)
        yield from compare_security_schemes(released, proposed)
        yield from schemas.removed_components()

    return list(dict.fromkeys(each()))


def may_break(released: Document, proposed: Document) -> bool:
    """Whether the proposed version says that clients must look before they take it."""
    if proposed.version[0] != released.version[0]:
        return proposed.version[0] > released.version[0]
    return released.version[0] == 0 and proposed.version[1] > released.version[1]
