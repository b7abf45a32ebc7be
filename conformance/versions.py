"""What documents were: each version, past days, and two of them side by side."""

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from urllib.parse import quote

from conformance.rules import rule
from conformance.server import Answer, Finding, Row, Server, spread

EACH = 2  # documents of a list
NEVER, LONG_AGO = "2999-12-31", "1949-10-01"
COMPARE = "/v1/compare"
CHINA = timezone(timedelta(hours=8))


def versioned(server: Server) -> Iterator[tuple[str, list[Row]]]:
    """Some documents of each list, and their versions."""
    for operation in server.contract.operations:
        if not operation.path.endswith("}/versions"):
            continue
        for row in spread(server.listed(operation.resource), EACH):
            path = operation.path_of(row["id"])
            yield path.removesuffix("/versions"), server.rows(path)


@rule("paths ending in /versions")
def versions_lead_to_the_current_document(server: Server) -> Iterator[Finding]:
    """The newest version comes first, has the current `ETag`, and is the current document."""
    for path, versions in versioned(server):
        now = server.get(path)
        listed = server.get(f"{path}/versions")
        numbers = [one["version"] for one in versions]
        right = sorted(set(numbers), reverse=True)
        yield listed.expect(numbers and numbers == right, numbers, "numbers that fall")
        document, newest = now.document(), versions[0]
        tag = now.headers.get("etag", "")
        yield listed.expect(newest["version"] == document["version"], newest, document["version"])
        yield listed.expect(newest["etag"] == tag, newest["etag"], tag)
        same = server.get(f"{path}/versions/{newest['version']}")
        yield same.expect(same.body == now.body, same.summary, "the bytes of the document")


@rule("paths ending in /versions/{version}")
def each_version_says_which_it_is(server: Server) -> Iterator[Finding]:
    """A version has its own number and time, and an unknown version returns 404."""
    for path, versions in versioned(server):
        for one in spread([one for one in versions if one["etag"]], 3):
            answer = server.get(f"{path}/versions/{one['version']}")
            document = answer.document()
            came = document["version"], document["changed_at"]
            yield answer.expect(came == (one["version"], one["at"]), came, one)
        yield server.get(f"{path}/versions/{versions[0]['version'] + 1}").is_(404)


@rule("parameter at")
def days_are_those_that_the_service_knows(server: Server) -> Iterator[Finding]:
    """A day after today returns 422 for `at`; a day before the first version returns 404."""
    for operation in server.contract.operations:
        if "at" not in operation.parameters:
            continue
        for path in server.examples(operation):
            future = server.get(path, {"at": NEVER})
            yield future.is_(422)
            named = [error["name"] for error in future.json()["errors"]]
            yield future.expect(named == ["at"], named, ["at"])
            yield server.get(path, {"at": LONG_AGO}).is_(404)


@rule("parameter at, header Cache-Control (RFC 8246)")
def a_past_day_is_immutable(server: Server) -> Iterator[Finding]:
    """A past day gives the last version of that day in China, and is `immutable`."""
    today = datetime.now(CHINA).date()
    for path, versions in versioned(server):
        days = [datetime.fromisoformat(one["at"]).astimezone(CHINA).date() for one in versions]
        for day, one in zip(days, versions, strict=True):
            is_last = days.index(day) == versions.index(one)
            if day >= today or one["etag"] is None or not is_last:
                continue
            answer = server.get(path, {"at": day.isoformat()})
            version = server.get(f"{path}/versions/{one['version']}")
            yield answer.expect(answer.body == version.body, answer.summary, version.asked)
            cached = answer.headers.get("cache-control", "")
            yield answer.expect("immutable" in cached, cached, "immutable")


def two(server: Server) -> list[str]:
    """The ids of two tasks, in order."""
    return sorted(row["id"] for row in spread(server.listed("tasks"), 2))


def compared(server: Server, a: str, b: str) -> Answer:
    """What a server gives of two documents."""
    return server.get(f"{COMPARE}?a={quote(a)}&b={quote(b)}")


@rule("path /v1/compare, 308")
def a_comparison_has_one_order(server: Server) -> Iterator[Finding]:
    """The other order redirects to the sorted one."""
    if len(ids := two(server)) == 2 and server.contract.at(COMPARE):
        first, second = ids
        other = compared(server, second, first)
        yield other.is_(308)
        there = server.follow(other, other.headers.get("location", ""))
        yield there.expect(
            there.body == compared(server, first, second).body, there.summary, "the comparison"
        )


@rule("schemas MemberDifference, TextDifference")
def differences_make_up_both_texts(server: Server) -> Iterator[Finding]:
    """Each named member differs as the documents do; the parts of a text make up both texts."""
    if len(ids := two(server)) == 2 and server.contract.at(COMPARE):
        answer = compared(server, *ids)
        rows = [server.get(f"/v1/tasks/{id_}").document() for id_ in ids]
        found = {one["name"]: one for one in answer.document()["differences"]}
        for name in ("title", "body", "citation"):
            texts = [row[name] for row in rows]
            came = name in found
            yield answer.expect(came == (texts[0] != texts[1]), f"{name}: {came}", not came)
            if not came or None in texts:
                continue
            for side, text in zip("ab", texts, strict=True):
                parts = [
                    found[name][side][part[side]["start"] : part[side]["end"]]
                    for part in found[name]["diff"]
                ]
                yield answer.expect("".join(parts) == text, parts, text)
            equal = [part for part in found[name]["diff"] if part["op"] == "equal"]
            for part in equal:
                a, b = (
                    text[part[side]["start"] : part[side]["end"]]
                    for side, text in zip("ab", texts, strict=True)
                )
                yield answer.expect(a == b, [a, b], "equal")
