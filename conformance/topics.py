"""All rules, topic by topic, in the order that they are told in."""

from conformance import (  # noqa: F401  each registers its rules
    changes,
    conditional,
    cursors,
    facets,
    filters,
    formats,
    languages,
    lineages,
    orders,
    problems,
    searches,
    service,
    shapes,
    texts,
    versions,
    walks,
)
from conformance.rules import EVERY, Rule

ORDER = (
    "shapes", "service", "walks", "cursors", "conditional", "problems", "filters", "orders",
    "facets", "searches", "lineages", "languages", "formats", "texts", "changes", "versions",
)  # fmt: skip


def rules_of(*topics: str) -> list[Rule]:
    """The rules of some topics, or all."""
    return [rule for topic in topics or ORDER for rule in EVERY if rule.topic == topic]
