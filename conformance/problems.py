"""Every failure is a problem document (RFC 9457) that says what would be right."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from conformance.contract import Operation
from conformance.rules import rule
from conformance.server import Answer, Finding, Server

PROBLEM_TYPE = "application/problem+json"
NOT_THERE = "no-such-id-was-ever-minted"
WITH_IDS = ("plan", "section", "task", "parent", "agency", "platform", "name")


@dataclass(frozen=True)
class Mistake:
    """A request that must fail: how it is asked, and which status and parameter it gets."""

    path: str
    status: int
    parameter: str | None = None
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)

    def made(self, server: Server, **more: str) -> Answer:
        """The answer to it."""
        headers = {**self.headers, **more}
        if self.method == "GET":
            return server.get(self.path, None, **headers)
        return server.ask(self.method, self.path, None, **headers)


def one_of_each(server: Server) -> list[Mistake]:
    """A mistake for each status that anybody can provoke."""
    first = server.contract.lists[0].path
    return [
        Mistake("/v1/no-such-path", 404),
        Mistake(f"{first}/{NOT_THERE}", 404),
        Mistake(first, 405, method="DELETE"),
        Mistake(first, 406, headers={"accept": "image/png"}),
        Mistake(f"{first}?id=%ff", 400),
        Mistake(f"{first}?limit=0", 422),
    ]


def at_fault(server: Server, mistake: Mistake) -> Iterator[Finding]:
    """That a mistake gets its status, and that its parameter is named."""
    answer = mistake.made(server)
    yield answer.is_(mistake.status)
    if answer.status == mistake.status and mistake.parameter:
        named = [error["name"] for error in answer.json()["errors"]]
        right = f"an error that names {mistake.parameter}"
        yield answer.expect(mistake.parameter in named, f"errors name {named}", right)


def limited(server: Server) -> Iterator[Operation]:
    """The operations that give pages, at a path of their own."""
    for operation, _ in server.samples():
        if "limit" in operation.parameters and not operation.fields:
            yield operation


def asking(server: Server, operation: Operation, query: str) -> str:
    """The path of an operation with what it requires, and a query."""
    path = f"{operation.path}?q=a" if "q" in operation.required else operation.path
    if operation.required and "q" not in operation.required:
        path = next(iter(server.examples(operation)), path)
    return f"{path}{'&' if '?' in path else '?'}{query}"


@rule("404")
def an_unknown_path_is_404(server: Server) -> Iterator[Finding]:
    """An unknown path returns 404."""
    for path in ("/v1/no-such-path", "/no-such-path", "/v1/no-such-path/"):
        yield server.get(path).is_(404)


@rule("404")
def an_unknown_id_is_404(server: Server) -> Iterator[Finding]:
    """An unknown id returns 404."""
    for operation in server.contract.operations:
        if operation.is_of_one:
            required = {
                name: "1" if operation.parameters[name].get("type") == "integer" else NOT_THERE
                for name in sorted(operation.required)
            }
            yield server.get(operation.path_of(NOT_THERE), required or None).is_(404)


@rule("405, header Allow (RFC 9110, section 15.5.6)")
def another_method_is_405(server: Server) -> Iterator[Finding]:
    """A method that the path does not support returns 405, and `Allow` lists the supported ones."""
    for operation, path in server.samples():
        taken = server.contract.methods(operation.path)
        method = next(name for name in ("DELETE", "PUT", "PATCH") if name not in taken)
        answer = server.ask(method, path)
        yield answer.is_(405)
        allow = answer.headers.get("allow", "")
        named = {name.strip().upper() for name in allow.split(",")}
        right = {*taken, "HEAD", "OPTIONS"}
        yield answer.expect(
            right <= named and method not in named, allow or "no Allow", ", ".join(sorted(right))
        )


@rule("406")
def what_nobody_offers_is_406(server: Server) -> Iterator[Finding]:
    """`Accept` with none of the formats of a path that has several returns 406."""
    for operation, path in server.samples():
        if "format" in operation.parameters:
            yield server.get(path, accept="image/png").is_(406)


@rule("200 (RFC 9110, section 12.5.1)")
def what_has_one_form_is_given_whatever_is_accepted(server: Server) -> Iterator[Finding]:
    """A resource with a single format is returned regardless of `Accept`."""
    for operation, path in server.samples():
        if "format" not in operation.parameters:
            yield server.get(path, accept="image/png").is_(200)


@rule("400")
def what_cannot_be_decoded_is_400(server: Server) -> Iterator[Finding]:
    """Percent-encoding that is invalid or not UTF-8 returns 400, in path and query."""
    first = server.contract.lists[0].path
    for path in (f"{first}?id=%ff", f"{first}/%ff", f"{first}?id=%zz", f"{first}?%c3%28=1"):
        yield server.get(path).is_(400)


@rule("422")
def an_unknown_parameter_is_422(server: Server) -> Iterator[Finding]:
    """An unknown parameter returns 422 and is named."""
    for _, path in server.samples():
        asked = f"{path}{'&' if '?' in path else '?'}no_such_parameter=1"
        yield from at_fault(server, Mistake(asked, 422, "no_such_parameter"))


@rule("422, ProblemField.allowed")
def a_value_out_of_a_closed_set_is_422(server: Server) -> Iterator[Finding]:
    """A value outside a closed set returns 422, and `allowed` lists the valid ones."""
    for operation in server.contract.operations:
        if operation.fields:
            continue
        for name in operation.parameters:
            if not (allowed := operation.allowed(name)):
                continue
            answer = server.get(asking(server, operation, f"{name}=no-such-value"))
            yield answer.is_(422)
            if answer.status == 422:
                errors = [one for one in answer.json()["errors"] if one["name"] == name]
                told = errors[0]["allowed"] if errors else None
                fine = told and set(told) <= set(allowed)
                yield answer.expect(fine, f"allowed {told}", f"of {allowed}")


@rule("422")
def a_single_parameter_given_twice_is_422(server: Server) -> Iterator[Finding]:
    """A repeated parameter that may occur only once returns 422."""
    for operation in limited(server):
        for name, value in (("limit", "1"), ("sort", "notice"), ("leaf", "true"), ("after", "1")):
            if name in operation.parameters:
                asked = asking(server, operation, f"{name}={value}&{name}={value}")
                yield from at_fault(server, Mistake(asked, 422, name))


@rule("parameter limit: 1 to 1000")
def a_limit_out_of_range_is_422(server: Server) -> Iterator[Finding]:
    """`limit` accepts integers from 1 to 1000; 0, 1001 and text return 422."""
    for operation in limited(server):
        for value in ("0", "1001", "-1", "ten", "1.0", "1e2", ""):
            asked = asking(server, operation, f"limit={value}")
            yield from at_fault(server, Mistake(asked, 422, "limit"))
        for value in ("1", "1000"):
            yield server.get(asking(server, operation, f"limit={value}")).is_(200)


@rule("422: dates are YYYY-MM-DD, moments RFC 3339")
def a_bad_date_is_422(server: Server) -> Iterator[Finding]:
    """A date or timestamp in another format, or that does not exist, returns 422."""
    bad = {
        "date": ("20220228", "2022-02-30", "2022-2-28", "28.02.2022"),
        "date-time": ("2022-02-28", "2022-02-28T00:00:00", "2022-02-30T00:00:00Z"),
    }
    for operation in server.contract.lists:
        for name, schema in operation.parameters.items():
            for value in bad.get(schema.get("format", ""), ()):
                asked = f"{operation.path}?{name}={value}"
                yield from at_fault(server, Mistake(asked, 422, name))


@rule("422: booleans are true and false")
def a_bad_boolean_is_422(server: Server) -> Iterator[Finding]:
    """A boolean other than `true` and `false` returns 422."""
    for operation in server.contract.lists:
        for name, schema in operation.parameters.items():
            for value in ("1", "yes", "TRUE") if schema.get("type") == "boolean" else ():
                asked = f"{operation.path}?{name}={value}"
                yield from at_fault(server, Mistake(asked, 422, name))


@rule("422: a typing mistake never looks like an empty list")
def an_unknown_id_in_a_filter_is_422(server: Server) -> Iterator[Finding]:
    """An unknown id or name in a filter returns 422, never an empty list."""
    for operation in server.contract.lists:
        for name in WITH_IDS:
            if name in operation.parameters:
                asked = f"{operation.path}?{name}={NOT_THERE}"
                yield from at_fault(server, Mistake(asked, 422, name))


@rule("application/problem+json (RFC 9457)")
def a_problem_is_a_problem_document(server: Server) -> Iterator[Finding]:
    """Every error is application/problem+json with all members of the schema Problem."""
    schema = {"$ref": "#/components/schemas/Problem"}
    for mistake in one_of_each(server):
        answer = mistake.made(server)
        yield answer.expect(answer.media_type == PROBLEM_TYPE, answer.media_type, PROBLEM_TYPE)
        mistakes = server.contract.mistakes(schema, answer.json())
        yield answer.expect(not mistakes, "; ".join(mistakes[:3]), "the schema Problem")


@rule("Problem.status")
def a_problem_repeats_its_status(server: Server) -> Iterator[Finding]:
    """The `status` of a problem is the status of the response."""
    for mistake in one_of_each(server):
        answer = mistake.made(server)
        yield answer.expect(answer.json()["status"] == answer.status, answer.json(), answer.status)


@rule("Problem.type")
def the_type_of_a_problem_resolves(server: Server) -> Iterator[Finding]:
    """The `type` of a problem links to its page on this server."""
    for mistake in one_of_each(server):
        answer = mistake.made(server)
        yield server.follow(answer, answer.json()["type"]).is_(200)


@rule("Problem.instance")
def a_problem_names_the_path(server: Server) -> Iterator[Finding]:
    """The `instance` of a problem is the requested path."""
    for mistake in one_of_each(server):
        answer = mistake.made(server)
        came, right = answer.json()["instance"], answer.url.raw_path.decode().partition("?")[0]
        yield answer.expect(came == right, came, right)


@rule("Problem.request_id, header X-Request-ID")
def a_problem_names_its_request(server: Server) -> Iterator[Finding]:
    """The `request_id` of a problem is its `X-Request-ID` and unique to the request."""
    seen: set[str] = set()
    for mistake in one_of_each(server):
        answer = mistake.made(server)
        came, right = answer.json()["request_id"], answer.headers.get("x-request-id")
        yield answer.expect(came and came == right, came, f"X-Request-ID: {right}")
        yield answer.expect(came not in seen, f"{came} again", "an id of its own")
        seen.add(came)


@rule("Problem.title: Chinese, or English where that is preferred")
def a_problem_speaks_english_where_that_is_preferred(server: Server) -> Iterator[Finding]:
    """Title and detail are Chinese, and English with `Accept-Language: en`."""
    for mistake in one_of_each(server):
        chinese, english = mistake.made(server), mistake.made(server, accept_language="en")
        for name in ("title", "detail"):
            zh, en = chinese.json()[name], english.json()[name]
            yield chinese.expect(_is_chinese(zh), zh, f"a {name} in Chinese")
            yield english.expect(en and en.isascii(), en, f"a {name} in English")
        came = english.headers.get("content-language")
        yield english.expect(came == "en", f"content-language: {came}", "en")


@rule("400, 404, 405, 406, 422: not to be kept")
def a_problem_is_not_kept(server: Server) -> Iterator[Finding]:
    """A problem has no validator and never becomes a 304."""
    for mistake in one_of_each(server):
        answer = mistake.made(server, if_none_match="*")
        yield answer.is_(mistake.status)
        yield answer.expect("etag" not in answer.headers, "an ETag", "none")


def _is_chinese(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)
