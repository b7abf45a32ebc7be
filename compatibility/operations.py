"""Operations: paths, methods, names, parameters, bodies, answers, security, servers."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from compatibility.breakages import BESIDE, DEPRECATE, KEEP, OPTIONAL, Breakage, Breakages
from compatibility.documents import METHODS, Document, Node, has_ended
from compatibility.schemas import Direction, Schemas, successor

STYLES = {"query": "form", "path": "simple", "header": "simple", "cookie": "form"}


def compare_operations(schemas: Schemas) -> Breakages:
    """All that is reached by a path."""
    new_paths = {_template(path): path for path in schemas.proposed.root.get("paths", {})}
    for path, item in schemas.released.root.get("paths", {}).items():
        old_item = schemas.released.resolve(item)
        new_path = new_paths.get(_template(path))
        if new_path is None:
            left = [old_item[method] for method in METHODS if method in old_item]
            if not (left and all(has_ended(one, schemas.today) for one in left)):
                yield Breakage(path, "was removed", "requests to it get 404", DEPRECATE)
            continue
        new_item = schemas.proposed.resolve(schemas.proposed.root["paths"][new_path])
        for method in METHODS:
            if method not in old_item:
                continue
            where = f"{method.upper()} {path}"
            if method in new_item:
                old = {**old_item, **old_item[method]}
                new = {**new_item, **new_item[method]}
                old["parameters"] = _parameters(schemas.released, old_item, method)
                new["parameters"] = _parameters(schemas.proposed, new_item, method)
                yield from _operation(schemas, where, old, new)
            elif not has_ended(old_item[method], schemas.today):
                yield Breakage(where, "was removed", "requests to it get 405", DEPRECATE)


def _template(path: str) -> str:
    """The path whatever its parameters are called, since a URL does not show that."""
    return re.sub(r"\{[^}]*\}", "{}", path)


def _operation(schemas: Schemas, where: str, old: Node, new: Node) -> Breakages:
    if old.get("operationId") != new.get("operationId"):
        yield Breakage(
            where,
            f"operationId changed from {old.get('operationId')} to {new.get('operationId')}",
            "generated clients name methods after it",
            KEEP,
        )
    if set(old.get("tags", ())) != set(new.get("tags", ())):
        yield Breakage(
            where,
            f"tags changed from {old.get('tags', [])} to {new.get('tags', [])}",
            "generated clients group methods into classes by tag",
            KEEP,
        )
    yield from _compare_parameters(schemas, where, old["parameters"], new["parameters"])
    yield from _body(schemas, where, old, new)
    yield from _answers(schemas, where, old.get("responses", {}), new.get("responses", {}))
    yield from _security(schemas, where, old, new)
    yield from _servers(schemas, where, old, new)


Parameters = dict[tuple[str, str], Node]


def _parameters(document: Document, item: Node, method: str) -> Parameters:
    """By place and name; those of the operation go before those of its path."""
    found: Parameters = {}
    for given in [*item.get("parameters", ()), *item[method].get("parameters", ())]:
        parameter = document.resolve(given)
        name, place = str(parameter["name"]), str(parameter["in"])
        found[place, name.lower() if place == "header" else name] = parameter
    return found


def _compare_parameters(
    schemas: Schemas, where: str, old: Parameters, new: Parameters
) -> Breakages:
    known = set(old)
    for (place, name), parameter in old.items():
        here = f"{where}, {place} parameter `{name}`"
        if (place, name) in new:
            yield from _parameter(schemas, here, parameter, new[place, name])
            continue
        added = {key: value for key, value in new.items() if key not in old}
        elsewhere = [other for other, same in added if same == name]
        if has_ended(parameter, schemas.today):
            continue
        what = "was removed"
        if elsewhere:
            what = f"moved from {place} to {elsewhere[0]}"
            known.add((elsewhere[0], name))
        elif renamed := _renamed(place, parameter, added):
            what = f"was renamed to `{renamed}`"
            known.add((place, renamed))
        yield Breakage(
            here, what, "requests that send it are refused, or answered as if it were not there",
            DEPRECATE,
        )  # fmt: skip
    for (place, name), parameter in new.items():
        if (place, name) not in known and parameter.get("required"):
            yield Breakage(
                f"{where}, {place} parameter `{name}`",
                "is new and required",
                "requests that leave it out are refused",
                OPTIONAL,
            )


def _renamed(place: str, parameter: Node, added: Parameters) -> str | None:
    def nameless(node: Node) -> Node:
        return {key: value for key, value in node.items() if key not in ("name", "required")}

    beside = {name: nameless(node) for (other, name), node in added.items() if other == place}
    if place == "path" and len(beside) == 1:  # the URL is the same, so it is this one
        return next(iter(beside))
    return successor(nameless(parameter), beside)


def _parameter(schemas: Schemas, where: str, old: Node, new: Node) -> Breakages:
    if new.get("required") and not old.get("required"):
        yield Breakage(where, "is now required", "requests that leave it out are refused", OPTIONAL)
    for what, before, after in zip(
        ("style", "explode", "encoding"), _written(old), _written(new), strict=True
    ):
        if before != after:
            yield Breakage(
                where,
                f"{what} changed from {before} to {after}",
                "clients write the value in the old way, which is read as something else",
                BESIDE,
            )
    old_schema, new_schema = _schema(old), _schema(new)
    yield from schemas.compare(where, Direction.REQUEST, old_schema, new_schema)


def _written(parameter: Node) -> tuple[str, bool, str]:
    """How values become text, with what holds where the contract does not say."""
    style = parameter.get("style", STYLES.get(parameter.get("in", "header")))
    media_types = ", ".join(parameter.get("content", {})) or "plain"
    return str(style), bool(parameter.get("explode", style == "form")), media_types


def _schema(node: Node) -> Any:
    """Of a parameter or header, which has it itself or as the content of one media type."""
    media_types: list[Node] = list(node.get("content", {}).values())
    return node.get("schema") or (media_types[0].get("schema", {}) if media_types else {})


def _body(schemas: Schemas, where: str, old: Node, new: Node) -> Breakages:
    before = schemas.released.resolve(old.get("requestBody", {}))
    after = schemas.proposed.resolve(new.get("requestBody", {}))
    if after.get("required") and not before.get("required"):
        yield Breakage(
            f"{where}, request body",
            "is now required",
            "requests without one are refused",
            OPTIONAL,
        )
    yield from _contents(schemas, f"{where}, request body", Direction.REQUEST, before, after)


def _answers(schemas: Schemas, where: str, old: Node, new: Node) -> Breakages:
    answers = {str(status): answer for status, answer in new.items()}
    for status, answer in old.items():
        here = f"{where}, answer {status}"
        if str(status) not in answers:
            yield Breakage(
                here,
                "was removed",
                "clients have code for it, and generated ones a type",
                "keep it in the contract, even if it no longer occurs",
            )
            continue
        before = schemas.released.resolve(answer)
        after = schemas.proposed.resolve(answers[str(status)])
        yield from _contents(schemas, here, Direction.ANSWER, before, after)
        yield from _headers(schemas, here, before.get("headers", {}), after.get("headers", {}))


def _contents(
    schemas: Schemas, where: str, direction: Direction, old: Node, new: Node
) -> Breakages:
    after = {_media_type(name): media for name, media in new.get("content", {}).items()}
    for name, media in old.get("content", {}).items():
        here = f"{where}, {name}"
        if _media_type(name) not in after:
            why = (
                "requests in it are refused"
                if direction is Direction.REQUEST
                else "clients that ask for it get 406 or what they cannot read"
            )
            yield Breakage(here, "was removed", why, KEEP)
        elif "schema" in media:
            other = after[_media_type(name)].get("schema", {})
            yield from schemas.compare(here, direction, media["schema"], other)


def _media_type(name: str) -> str:
    return name.replace(" ", "").lower()


def _headers(
    schemas: Schemas, where: str, old: Mapping[str, Node], new: Mapping[str, Node]
) -> Breakages:
    """Headers that announce a deprecation go with what they announced."""
    after = {name.lower(): header for name, header in new.items()}
    for name, given in old.items():
        here = f"{where}, header {name}"
        header = schemas.released.resolve(given)
        if name.lower() not in after:
            if header.get("x-announcement") is not True:
                yield Breakage(here, "was removed", "clients read it and no longer find it", KEEP)
            continue
        other = schemas.proposed.resolve(after[name.lower()])
        if header.get("required") and not other.get("required"):
            yield Breakage(
                here,
                "is no longer always there",
                "clients read it without asking whether it is there",
                KEEP,
            )
        yield from schemas.compare(here, Direction.ANSWER, _schema(header), _schema(other))


def _security(schemas: Schemas, where: str, old: Node, new: Node) -> Breakages:
    """Who could call before must be able to call with the same keys."""
    before = old.get("security", schemas.released.root.get("security", [])) or [{}]
    after = new.get("security", schemas.proposed.root.get("security", [])) or [{}]
    for way in before:
        if not any(
            all(name in way and set(scopes) <= set(way[name]) for name, scopes in other.items())
            for other in after
        ):
            yield Breakage(
                f"{where}, security",
                f"{_keys(way)} no longer suffices; now it needs"
                f" {' or '.join(_keys(other) for other in after)}",
                "clients that were let in are refused",
                "offer the new way as an alternative, and leave the old one",
            )


def _keys(way: Node) -> str:
    said = [f"{name} {scopes}" if scopes else name for name, scopes in way.items()]
    return " with ".join(said) or "no key"


def compare_security_schemes(released: Document, proposed: Document) -> Breakages:
    """A scheme of the same name must be the same one."""
    before, after = (
        document.root.get("components", {}).get("securitySchemes", {})
        for document in (released, proposed)
    )
    for name in before.keys() & after.keys():
        one, other = released.resolve(before[name]), proposed.resolve(after[name])
        for key in ("type", "in", "name", "scheme", "openIdConnectUrl", "flows"):
            if key == "flows":
                one = {**one, key: _flow_urls(one)}
                other = {**other, key: _flow_urls(other)}
            if one.get(key) != other.get(key):
                yield Breakage(
                    f"security scheme {name}",
                    f"`{key}` changed from {one.get(key)} to {other.get(key)}",
                    "clients show their keys in the old way",
                    BESIDE,
                )


def _flow_urls(scheme: Node) -> Node:
    return {
        flow: {key: url for key, url in given.items() if key.endswith("Url")}
        for flow, given in scheme.get("flows", {}).items()
    }


def _servers(schemas: Schemas, where: str, old: Node, new: Node) -> Breakages:
    """Where requests go; a relative URL means any host."""
    before = old.get("servers") or schemas.released.root.get("servers") or [{"url": "/"}]
    after = new.get("servers") or schemas.proposed.root.get("servers") or [{"url": "/"}]
    for server in before:
        if not any(_is_same_server(server["url"], other["url"]) for other in after):
            yield Breakage(
                f"{where}, server {server['url']}",
                f"was removed; now there is {', '.join(other['url'] for other in after)}",
                "requests go to the old address",
                "keep the old address and add the new one",
            )


def _is_same_server(one: str, other: str) -> bool:
    old, new = urlsplit(one), urlsplit(other)
    same_host = not old.netloc or not new.netloc or old[:2] == new[:2]
    return same_host and old.path.rstrip("/") == new.path.rstrip("/")
