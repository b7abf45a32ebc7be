"""START HERE: what breaks for clients between the released contract and a proposed one.

Compared is what a client meets: paths, operations, their names and tags, parameters, bodies,
answers, headers, security, servers, and the names of schemas, which generated types are called by.
Where a thing is written does not matter: `$ref`s are followed, and order is none.
Texts and examples may change; callbacks, webhooks and links are not looked at.

Since 0.6.0 nothing may break, whatever the next version.
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
