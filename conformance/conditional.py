"""Answers can be revalidated, and each representation has a validator of its own (RFC 9110)."""

import re
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime, parsedate_to_datetime

from conformance.contract import JSON_TYPE
from conformance.rules import rule
from conformance.server import Answer, Finding, Server

STRONG = re.compile(r'"[\x21\x23-\x7e]+"')
CACHE_CONTROL = {"public", "max-age=60", "stale-while-revalidate=600"}
LONG_ENOUGH = 2000  # bytes, from which compressing is expected
SAME_FOR_HEAD = ("etag", "last-modified", "cache-control", "vary", "content-type", "link",
                 "content-language", "content-length")  # fmt: skip


def answers(server: Server) -> Iterator[tuple[str, Answer]]:
    """One answer of each operation that this server has something for."""
    for _, path in server.samples():
        yield path, server.get(path)


def tag_of(answer: Answer) -> str:
    """Its entity tag, quotes included."""
    return answer.headers.get("etag", "")


def not_modified(server: Server, form: str) -> Iterator[Finding]:
    """That each answer is 304 where its tag is given in this form."""
    for path, answer in answers(server):
        yield server.ask("GET", path, if_none_match=form.format(tag_of(answer))).is_(304)


@rule("header ETag")
def every_answer_has_a_strong_etag(server: Server) -> Iterator[Finding]:
    """Every response has a strong `ETag`."""
    for _, answer in answers(server):
        came = tag_of(answer)
        yield answer.expect(STRONG.fullmatch(came), came or "no ETag", "a strong one, in quotes")


@rule("header ETag")
def the_same_question_has_the_same_etag(server: Server) -> Iterator[Finding]:
    """Unchanged data has an unchanged `ETag`."""
    for path, answer in answers(server):
        again = server.ask("GET", path)
        yield again.expect(tag_of(again) == tag_of(answer), tag_of(again), tag_of(answer))


@rule("header Last-Modified")
def every_answer_says_when_it_was_modified(server: Server) -> Iterator[Finding]:
    """Every response has a `Last-Modified` that is an HTTP date."""
    for _, answer in answers(server):
        came = answer.headers.get("last-modified", "")
        right = "an HTTP date, such as Fri, 02 Jan 2026 03:04:05 GMT"
        yield answer.expect(_is_http_date(came), came or "no Last-Modified", right)


@rule("header Cache-Control")
def every_answer_says_how_long_it_may_be_kept(server: Server) -> Iterator[Finding]:
    """`Cache-Control` is public, max-age=60, stale-while-revalidate=600."""
    for _, answer in answers(server):
        came = answer.headers.get("cache-control", "no Cache-Control")
        said = {part.strip().lower() for part in came.split(",")}
        yield answer.expect(said == CACHE_CONTROL, came, ", ".join(sorted(CACHE_CONTROL)))


@rule("header Vary")
def vary_names_what_chooses_the_answer(server: Server) -> Iterator[Finding]:
    """`Vary` names Accept-Encoding and Accept-Language, and Accept if there are several formats."""
    for operation, path in server.samples():
        answer = server.get(path)
        came = answer.headers.get("vary", "no Vary")
        right = {"accept-encoding", "accept-language"} | (
            {"accept"} if len(operation.gives) > 1 else set()
        )
        yield answer.expect(right <= _names(came), came, ", ".join(sorted(right)))


@rule("header If-None-Match: 304 (RFC 9110, section 13.1.2)")
def what_the_client_has_is_304(server: Server) -> Iterator[Finding]:
    """`If-None-Match` with the tag returns 304."""
    yield from not_modified(server, "{}")


@rule("header If-None-Match: 304 (RFC 9110, section 13.1.2)")
def a_list_of_tags_is_read(server: Server) -> Iterator[Finding]:
    """`If-None-Match` with a list that contains the tag returns 304."""
    yield from not_modified(server, '"another", {}, "and-another"')


@rule("header If-None-Match: 304 (RFC 9110, section 13.1.2)")
def a_star_is_any_tag(server: Server) -> Iterator[Finding]:
    """`If-None-Match: *` returns 304."""
    yield from not_modified(server, "*")


@rule("header If-None-Match: 304 (RFC 9110, section 13.1.2)")
def a_weak_tag_is_compared_weakly(server: Server) -> Iterator[Finding]:
    """`If-None-Match` with the tag marked as weak returns 304."""
    yield from not_modified(server, "W/{}")


@rule("header If-None-Match: 304 (RFC 9110, section 13.1.2)")
def another_tag_gives_the_answer(server: Server) -> Iterator[Finding]:
    """`If-None-Match` with another tag returns 200."""
    for path, _ in answers(server):
        yield server.ask("GET", path, if_none_match='"another"').is_(200)


@rule("304 (RFC 9110, section 15.4.5)")
def a_304_has_no_body_and_the_headers_of_the_200(server: Server) -> Iterator[Finding]:
    """A 304 has no body and repeats ETag, Cache-Control and Vary."""
    for path, answer in answers(server):
        told = server.ask("GET", path, if_none_match=tag_of(answer))
        yield told.expect(told.body == b"", f"{len(told.body)} bytes of body", "none")
        for name in ("etag", "cache-control", "vary"):
            came, right = told.headers.get(name), answer.headers.get(name)
            yield told.expect(came == right, f"{name}: {came}", right)


@rule("header If-Modified-Since: 304 (RFC 9110, section 13.1.3)")
def what_has_not_changed_since_is_304(server: Server) -> Iterator[Finding]:
    """`If-Modified-Since` equal to `Last-Modified` returns 304 for resources that only writes change."""
    for operation, path in server.samples():
        if "changed_since" in operation.parameters:
            said = server.get(path).headers.get("last-modified", "")
            yield server.ask("GET", path, if_modified_since=said).is_(304)


@rule("header If-Modified-Since: 304 (RFC 9110, section 13.1.3)")
def what_has_changed_since_is_200(server: Server) -> Iterator[Finding]:
    """`If-Modified-Since` with a date before `Last-Modified` returns 200."""
    for path, answer in answers(server):
        said = answer.headers.get("last-modified", "")
        if _is_http_date(said):
            before = parsedate_to_datetime(said) - timedelta(seconds=1)
            earlier = format_datetime(before, usegmt=True)
            yield server.ask("GET", path, if_modified_since=earlier).is_(200)


@rule("header If-None-Match (RFC 9110, section 13.2.2)")
def if_none_match_goes_before_if_modified_since(server: Server) -> Iterator[Finding]:
    """If both are sent, only `If-None-Match` counts."""
    for path, answer in answers(server):
        said = answer.headers.get("last-modified", "")
        told = server.ask("GET", path, if_none_match='"another"', if_modified_since=said)
        yield told.is_(200)


@rule("header ETag: of the representation")
def each_language_has_its_etag(server: Server) -> Iterator[Finding]:
    """The `ETag` of zh-Hant differs from that of zh-Hans."""
    for path, answer in answers(server):
        other = server.get(path, accept_language="zh-Hant")
        if other.body != answer.body:
            yield other.expect(tag_of(other) != tag_of(answer), tag_of(other), "another")


@rule("header ETag: of the representation")
def each_format_has_its_etag(server: Server) -> Iterator[Finding]:
    """The `ETag` of each format is different."""
    for operation, path in server.samples():
        seen: dict[str, str] = {}
        for media_type in operation.gives if len(operation.gives) > 1 else ():
            answer = server.get(path, accept=media_type)
            tag = tag_of(answer)
            came = f"{tag}, as {seen.get(tag)} has it"
            yield answer.expect(tag not in seen, came, "a tag of its own")
            seen[tag] = media_type


@rule("header ETag: of the representation")
def each_encoding_has_its_etag(server: Server) -> Iterator[Finding]:
    """A compressed response has the same content and a different `ETag`."""
    for path, answer in answers(server):
        packed = server.get(path, accept_encoding="gzip")
        if packed.headers.get("content-encoding") == "gzip":
            yield packed.expect(tag_of(packed) != tag_of(answer), tag_of(packed), "another")
            yield packed.expect(packed.body == answer.body, "other bytes, unpacked", "the same")


@rule("header Accept-Encoding")
def a_long_answer_is_compressed_where_that_is_asked(server: Server) -> Iterator[Finding]:
    """A long JSON response is compressed with gzip if the client accepts it, and never otherwise."""
    for path in server.json_paths():
        plain = server.get(path)
        if len(plain.body) >= LONG_ENOUGH and plain.media_type == JSON_TYPE:
            packed = server.get(path, accept_encoding="gzip")
            for answer, right in ((packed, "gzip"), (plain, None)):
                came = answer.headers.get("content-encoding")
                yield answer.expect(came == right, f"content-encoding: {came}", right)


@rule("HEAD (RFC 9110, section 9.3.2)")
def head_is_get_without_the_body(server: Server) -> Iterator[Finding]:
    """`HEAD` returns the status and headers of `GET`, and no body."""
    for path, answer in answers(server):
        head = server.ask("HEAD", path)
        yield head.is_(answer.status)
        yield head.expect(head.body == b"", f"{len(head.body)} bytes of body", "none")
        for name in SAME_FOR_HEAD:
            came, right = head.headers.get(name), answer.headers.get(name)
            if not (name == "content-length" and None in (came, right)):  # it may be left out
                yield head.expect(came == right, f"{name}: {came}", right)


@rule("OPTIONS, header Allow (RFC 9110, section 9.3.7)")
def options_names_the_methods(server: Server) -> Iterator[Finding]:
    """`OPTIONS` lists the methods of a path in `Allow`: those of the contract, HEAD and OPTIONS."""
    for operation, path in server.samples():
        answer = server.ask("OPTIONS", path)
        came = answer.headers.get("allow", "no Allow")
        right = {*server.contract.methods(operation.path), "HEAD", "OPTIONS"}
        named = {name.upper() for name in _names(came)}
        yield answer.expect(answer.status in (200, 204), answer.summary, "200 or 204")
        yield answer.expect(named >= right, came, ", ".join(sorted(right)))


def _names(header: str) -> set[str]:
    return {name.strip().lower() for name in header.split(",")}


def _is_http_date(value: str) -> bool:
    try:
        return value.endswith(" GMT") and bool(parsedate_to_datetime(value))
    except ValueError:
        return False
