"""Schemas: what a request may hold must not get narrower, nor an answer get new forms.

Types that generators name after components are compared under their names, once for requests and
once for answers, so that a change in `Task` is told once and not for each operation.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from compatibility.breakages import BESIDE, DEPRECATE, KEEP, OPTIONAL, Breakage, Breakages
from compatibility.documents import Document, Node, Shape, has_ended, meaning, values_of
from compatibility.patterns import covers


class Direction(StrEnum):
    """Who sends it."""

    REQUEST = "in requests"
    ANSWER = "in answers"


AT_LEAST = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
AT_MOST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
EXACT = ("multipleOf", "uniqueItems")
TEXTS = ("description", "title", "example", "examples", "deprecated", "x-sunset", "externalDocs")


@dataclass
class Schemas:
    """Both documents, and which pairs have been compared."""

    released: Document
    proposed: Document
    today: date
    compared: set[tuple[Any, ...]] = field(default_factory=set)

    def compare(
        self, where: str, direction: Direction, old: Node | bool, new: Node | bool
    ) -> Breakages:
        """What breaks when `old` becomes `new` at a place."""
        pair = (id(old), id(new), direction)
        if pair in self.compared:
            return
        self.compared.add(pair)
        before, after = meaning(self.released, old), meaning(self.proposed, new)
        yield from self._null(where, direction, before.nullable, after.nullable)
        if isinstance(old, dict) and isinstance(new, dict):
            yield from self._default(where, direction, old, new)
        pairs, gone, added = _matched(before.shapes, after.shapes)
        for one, other in pairs:
            yield from self._shape(where, direction, one, other)
        if direction is Direction.REQUEST:
            for shape in gone:
                yield Breakage(
                    where,
                    f"no longer takes {_called(shape)}",
                    "requests that send it are refused",
                    KEEP,
                )
        else:
            for shape in added:
                yield Breakage(
                    where,
                    f"may now also be {_called(shape)}",
                    "clients cannot read a form that they do not know",
                    BESIDE,
                )

    def removed_components(self) -> Breakages:
        """Names of types that are no longer there, but for those that only ended things used."""
        gone = [name for name in self.released.schemas if name not in self.proposed.schemas]
        if not gone:
            return
        ended = self.released.used_schemas() - self.released.used_schemas(self.today)
        for name in gone:
            if name in ended or has_ended(self.released.schemas[name], self.today):
                continue
            same = [
                other
                for other in self.proposed.schemas.keys() - self.released.schemas.keys()
                if _bare(self.proposed.schemas[other]) == _bare(self.released.schemas[name])
            ]
            yield Breakage(
                f"schema {name}",
                "was removed" if len(same) != 1 else f"was renamed to {same[0]}",
                "generated clients have a type of that name, and code that uses it no longer builds",
                "keep the name; a schema may stay in `components` after its last use",
            )

    def _null(self, where: str, direction: Direction, before: bool, after: bool) -> Breakages:
        if direction is Direction.ANSWER and after and not before:
            yield Breakage(
                where,
                "may now be null",
                "clients read the value without asking whether there is one",
                BESIDE,
            )
        if direction is Direction.REQUEST and before and not after:
            yield Breakage(
                where, "may no longer be null", "requests that send null are refused", KEEP
            )

    def _default(self, where: str, direction: Direction, old: Node, new: Node) -> Breakages:
        old, new = self.released.resolve(old), self.proposed.resolve(new)
        if direction is Direction.ANSWER or "default" not in old:
            return
        if "default" not in new or not _same(old["default"], new["default"]):
            now = repr(new["default"]) if "default" in new else "nothing"
            yield Breakage(
                where,
                f"default changed from {old['default']!r} to {now}",
                "requests that leave it out get something else without asking for it",
                KEEP,
            )

    def _shape(self, where: str, direction: Direction, old: Shape, new: Shape) -> Breakages:
        if old.name and old.name == new.name:
            pair = (old.name, old.kind, direction)
            if pair in self.compared:
                return
            self.compared.add(pair)
            where = f"schema {old.name} ({direction})"
        elif old.name and new.name and old.name in self.proposed.schemas:
            yield Breakage(
                where,
                f"type changed from {old.name} to {new.name}",
                "generated clients name types after schemas, and code that uses the old type"
                " no longer builds",
                BESIDE,
            )
        widened = direction is Direction.REQUEST and (
            new.kind == "any" or (old.kind, new.kind) == ("integer", "number")
        )
        if old.kind != new.kind and not widened:
            yield Breakage(
                where,
                f"type changed from {old.kind} to {new.kind}",
                "clients send and read values of the old type, and generated code declares it",
                BESIDE,
            )
            return
        for check in (_values, _format, _pattern, _limits):
            yield from check(where, direction, old.node, new.node)
        if old.kind == "object":
            yield from self._fields(where, direction, old.node, new.node)
        if old.kind == "array":
            yield from self.compare(
                f"{where}, its items",
                direction,
                old.node.get("items", {}),
                new.node.get("items", {}),
            )

    def _fields(self, where: str, direction: Direction, old: Node, new: Node) -> Breakages:
        before, after = old.get("properties", {}), new.get("properties", {})
        required_before, required_after = set(old.get("required", ())), set(new.get("required", ()))
        added = {name: after[name] for name in after if name not in before}
        for name, schema in before.items():
            place = f"{where}, field `{name}`"
            if name in after:
                yield from self.compare(place, direction, schema, after[name])
                continue
            if not has_ended(self.released.resolve(schema), self.today):
                yield _removed_field(place, direction, successor(schema, added))
        if direction is Direction.ANSWER:
            for name in before.keys() & after.keys() & (required_before - required_after):
                yield Breakage(
                    f"{where}, field `{name}`",
                    "is no longer always there",
                    "clients read it without asking whether it is there",
                    KEEP,
                )
        else:
            for name in sorted(required_after - required_before):
                yield Breakage(
                    f"{where}, field `{name}`",
                    "is now required",
                    "requests that leave it out are refused",
                    OPTIONAL,
                )
        yield from self._other_fields(where, direction, old, new)

    def _other_fields(self, where: str, direction: Direction, old: Node, new: Node) -> Breakages:
        before, after = old.get("additionalProperties", True), new.get("additionalProperties", True)
        if direction is Direction.REQUEST and before is not False and after is False:
            yield Breakage(
                where,
                "no longer takes fields that it does not name",
                "requests that send any are refused",
                KEEP,
            )
        elif isinstance(before, dict):
            yield from self.compare(f"{where}, its values", direction, before, after)


def _matched(
    old: list[Shape], new: list[Shape]
) -> tuple[list[tuple[Shape, Shape]], list[Shape], list[Shape]]:
    """Pairs that mean each other, by name, then by type; and what is left on each side."""
    if len(old) == len(new) == 1:
        return [(old[0], new[0])], [], []
    gone, added, pairs = list(old), list(new), []
    for alike in (_by_name, _by_kind):
        for one in list(gone):
            for other in added:
                if alike(one, other):
                    pairs.append((one, other))
                    gone.remove(one)
                    added.remove(other)
                    break
    return pairs, gone, added


def _by_name(one: Shape, other: Shape) -> bool:
    return bool(one.name) and (one.name, one.kind) == (other.name, other.kind)


def _by_kind(one: Shape, other: Shape) -> bool:
    return one.kind == other.kind and not (one.name and other.name)


def _called(shape: Shape) -> str:
    return shape.name or f"of type {shape.kind}"


def _values(where: str, direction: Direction, old: Node, new: Node) -> Breakages:
    """Closed sets: generated code has a constant for each value, and knows no other."""
    before, after = values_of(old), values_of(new)
    if before is None and after is None:
        return
    if before is None:
        yield Breakage(
            where,
            f"now takes only {_listed(after or [])}",
            "other values are refused" if direction is Direction.REQUEST else "its type changes",
            KEEP,
        )
    elif after is None:
        if direction is Direction.ANSWER:
            yield Breakage(
                where,
                "is no longer one of a closed set of values",
                "generated clients fail at a value that they do not know",
                BESIDE,
            )
    else:
        for value in before:
            if not _among(value, after):
                yield Breakage(
                    where,
                    f"value {value!r} was removed",
                    "requests that send it are refused"
                    if direction is Direction.REQUEST
                    else "generated code loses the constant, and code that uses it no longer builds",
                    "keep it in the contract, even if it no longer occurs",
                )
        if direction is Direction.ANSWER and old.get("x-extensible-enum") is not True:
            for value in after:
                if not _among(value, before):
                    yield Breakage(
                        where,
                        f"value {value!r} was added",
                        "generated clients fail at a value that they do not know",
                        "add a field of a new type beside it, or release the set with"
                        " `x-extensible-enum: true` first",
                    )


def _format(where: str, direction: Direction, old: Node, new: Node) -> Breakages:
    if old.get("format") != new.get("format"):
        yield Breakage(
            where,
            f"format changed from {old.get('format', 'none')} to {new.get('format', 'none')}",
            "generated clients choose a type by it: a date is no text",
            BESIDE,
        )


def _pattern(where: str, direction: Direction, old: Node, new: Node) -> Breakages:
    """A request may match more than before, and an answer less."""
    before, after = old.get("pattern"), new.get("pattern")
    wide, narrow = (after, before) if direction is Direction.REQUEST else (before, after)
    if wide is None or (narrow is not None and covers(wide, narrow)):
        return
    yield Breakage(
        where,
        f"`pattern` {_change(before, after)}",
        "requests that were taken before are refused"
        if direction is Direction.REQUEST
        else "clients that check what they read refuse what is new",
        "write it part by part as it was, each part "
        + ("as wide or wider" if direction is Direction.REQUEST else "as narrow or narrower"),
    )


def _limits(where: str, direction: Direction, old: Node, new: Node) -> Breakages:
    """What is refused; answers may keep to tighter or wider limits than they said."""
    if direction is Direction.ANSWER:
        return
    for keyword in (*AT_LEAST, *AT_MOST, *EXACT):
        before, after = old.get(keyword), new.get(keyword)
        if after is None or after is False or before == after:
            continue
        looser_least = keyword in AT_LEAST and before is not None and after < before
        looser_most = keyword in AT_MOST and before is not None and after > before
        if not (looser_least or looser_most) and not (
            keyword in AT_LEAST
            and after == 0
            and keyword.startswith("min")
            and keyword != "minimum"
        ):
            yield Breakage(
                where,
                f"`{keyword}` {_change(before, after)}",
                "requests that were taken before are refused",
                "take what was taken before",
            )


def _change(before: Any, after: Any) -> str:
    if before is None:
        return f"{after!r} was added"
    return f"{before!r} was removed" if after is None else f"changed from {before!r} to {after!r}"


def _removed_field(where: str, direction: Direction, renamed: str | None) -> Breakage:
    return Breakage(
        where,
        f"was renamed to `{renamed}`" if renamed else "was removed",
        "clients read it and no longer find it"
        if direction is Direction.ANSWER
        else "what clients send in it is refused or lost",
        DEPRECATE,
    )


def successor(schema: Any, added: dict[str, Any]) -> str | None:
    """The one new thing that is the same but for its name."""
    same = [name for name, other in added.items() if _bare(other) == _bare(schema)]
    return same[0] if len(same) == 1 else None


def _bare(node: Any) -> Any:
    """Without texts, and in any order of names."""
    if isinstance(node, dict):
        return {key: _bare(value) for key, value in node.items() if key not in TEXTS}
    return [_bare(value) for value in node] if isinstance(node, list) else node


def _same(one: Any, other: Any) -> bool:
    """Equality as JSON has it: true is not 1."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _among(value: Any, values: list[Any]) -> bool:
    return any(_same(value, other) for other in values)


def _listed(values: list[Any]) -> Iterator[str] | str:
    return ", ".join(repr(value) for value in values)
