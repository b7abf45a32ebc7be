"""Answers are in the notice's own script, or in Traditional where that is preferred."""

from collections.abc import Iterator
from typing import Any

from conformance.contract import JSON_TYPE
from conformance.rules import rule
from conformance.server import Finding, Server

HANS, HANT = "zh-Hans", "zh-Hant"
PREFERRED = {
    HANT: ("zh-Hant", "zh-HK", "zh-TW", "zh-MO", "zh-Hant-HK", "fr, zh-TW;q=0.8, zh-CN;q=0.5"),
    HANS: ("zh-Hans", "zh-CN", "zh", "en", "fr", "*", "zh-CN, zh-TW;q=0.5"),
}
AUTHORITATIVE = ("id", "plan", "href", "seq", "etag", "text_sha256", "raw_sha256", "start", "end",
                 "text_length", "code")  # fmt: skip


def several(server: Server) -> Iterator[str]:
    """A path of each operation that gives JSON."""
    yield from server.json_paths()


@rule("header Content-Language: default zh-Hans")
def the_default_is_the_authoritative_script(server: Server) -> Iterator[Finding]:
    """Without a preference, responses are in zh-Hans and declare it."""
    for path in several(server):
        answer = server.get(path)
        came = answer.headers.get("content-language", "no Content-Language")
        yield answer.expect(came == HANS, came, HANS)


@rule("header Accept-Language")
def accept_language_chooses_the_script(server: Server) -> Iterator[Finding]:
    """zh-Hant, zh-HK, zh-TW and zh-MO get zh-Hant; all others get zh-Hans."""
    for path in list(several(server))[:4]:
        for language, headers in PREFERRED.items():
            for header in headers:
                answer = server.get(path, accept_language=header)
                came = answer.headers.get("content-language", "no Content-Language")
                yield answer.expect(came == language, came, language)


@rule("parameter lang")
def lang_goes_before_accept_language(server: Server) -> Iterator[Finding]:
    """`?lang=` overrides `Accept-Language` and returns the same response."""
    for operation, path in server.samples():
        if "lang" not in operation.parameters:
            continue
        for language, other in ((HANT, "zh-CN"), (HANS, "zh-HK")):
            answer = server.get(path, {"lang": language}, accept_language=other)
            came = answer.headers.get("content-language", "no Content-Language")
            yield answer.expect(came == language, came, language)
            if JSON_TYPE in operation.gives and operation.is_list:
                same = server.get(path, accept_language=language)
                yield answer.expect(
                    answer.json()["data"] == same.json()["data"], "other rows", f"as in {language}"
                )


@rule("header Vary: Accept-Language")
def vary_names_accept_language(server: Server) -> Iterator[Finding]:
    """`Vary` names Accept-Language, in either script."""
    for path in several(server):
        for language in (HANS, HANT):
            answer = server.get(path, accept_language=language)
            came = answer.headers.get("vary", "no Vary")
            yield answer.expect("accept-language" in came.lower(), came, "Accept-Language")


@rule("ids, spans and hashes mean the authoritative text")
def ids_spans_and_hashes_are_the_same_in_both(server: Server) -> Iterator[Finding]:
    """Ids, codes, spans, hashes and numbers are the same in either script."""
    for path in several(server):
        simplified, traditional = server.get(path), server.get(path, accept_language=HANT)
        one, other = (_authoritative(a.document()) for a in (simplified, traditional))
        differs = next((pair for pair in zip(one, other, strict=False) if pair[0] != pair[1]), None)
        came = f"{differs[1]} for {differs[0]}" if differs else f"{len(other)} for {len(one)}"
        yield traditional.expect(one == other, came, "the same as in zh-Hans")


@rule("zh-Hant is converted")
def zh_hant_is_another_text(server: Server) -> Iterator[Finding]:
    """The plans' texts differ in zh-Hant, with the same number of members and rows."""
    for row in server.listed("plans")[:3]:
        path = f"/v1/plans/{row['id']}"
        for answer in (server.get(path, accept_language=HANT), server.get(path, {"lang": HANT})):
            other = answer.document()
            yield answer.expect(other != row, "the same words", "Traditional words")
            yield answer.expect(other.keys() == row.keys(), sorted(other), sorted(row))


def _authoritative(value: Any, name: str = "") -> list[tuple[str, Any]]:
    """All that no conversion may touch, with the member that it stands in."""
    if isinstance(value, dict):
        return [one for key, member in value.items() for one in _authoritative(member, key)]
    if isinstance(value, list):
        return [one for member in value for one in _authoritative(member, name)]
    if name in AUTHORITATIVE or value is None or isinstance(value, bool | int | float):
        return [(name, value)]
    return []
