"""Lists are walked by cursors: each row once, in one order, with an exact total."""

import re
from collections import Counter
from collections.abc import Iterator

from conformance.contract import Operation
from conformance.rules import rule
from conformance.server import Answer, Finding, Server, TooMuchError, key_of

PAGES = 5  # of one walk
LINK = re.compile(r'<([^>]*)>\s*;\s*rel="?([^",]*)"?')
DEFAULT_LIMIT = 100
NEVER_MINTED = "no-such-id-was-ever-minted"


def walk(server: Server, operation: Operation) -> list[Answer]:
    """A list in some pages; more than it should have where `next` does not end."""
    total = server.get(operation.path).document()["page"]["total"]
    if total > PAGES * 1000:
        raise TooMuchError(f"{operation.path} has {total} rows")
    limit = max(1, -(-total // PAGES))
    pages = [server.get(operation.path, {"limit": limit})]
    while len(pages) < PAGES + 2 and (cursor := pages[-1].document()["page"]["next"]):
        pages.append(server.get(operation.path, {"limit": limit, "cursor": cursor}))
    return pages


def filled(server: Server) -> Iterator[tuple[Operation, list[Answer]]]:
    """The walks of all lists that have rows."""
    for operation in server.contract.lists:
        if server.get(operation.path).document()["data"]:
            yield operation, walk(server, operation)


@rule("PageInfo.next")
def a_walk_gives_each_row_once(server: Server) -> Iterator[Finding]:
    """Paging through a list returns each row once, in the order of one large page."""
    for operation, pages in filled(server):
        walked = [id_ for page in pages for id_ in page.ids()]
        whole = server.ids(operation.path)
        twice = {id_ for id_, times in Counter(walked).items() if times > 1}
        lost, more = set(whole) - set(walked), set(walked) - set(whole)
        came = f"lost {sorted(lost)[:3]}, twice {sorted(twice)[:3]}, not in it {sorted(more)[:3]}"
        if walked != whole and not (lost or twice or more):
            came = "another order"
        yield pages[0].expect(
            walked == whole, f"walk: {came}", f"the {len(whole)} rows of limit=1000"
        )


@rule("PageInfo.total")
def a_page_states_the_exact_total(server: Server) -> Iterator[Finding]:
    """The total of every page is the number of rows on all pages."""
    for _, pages in filled(server):
        rows = sum(len(page.document()["data"]) for page in pages)
        for page in pages:
            total = page.document()["page"]["total"]
            yield page.expect(total == rows, f"total {total}", f"{rows}, as the walk gave")


@rule("PageInfo.next")
def the_last_page_has_no_next(server: Server) -> Iterator[Finding]:
    """Only the page with the last row has no `next`."""
    for operation, pages in filled(server):
        rows, total = 0, len(server.ids(operation.path))
        for page in pages:
            document = page.document()
            rows += len(document["data"])
            following = document["page"]["next"]
            right = "a cursor" if rows < total else "null on the last page"
            yield page.expect((following is None) == (rows >= total), f"next {following}", right)


@rule("parameter limit")
def a_page_has_as_many_rows_as_its_limit(server: Server) -> Iterator[Finding]:
    """Every page except the last has `limit` rows, and each page repeats the limit."""
    for _, pages in filled(server):
        limit = len(pages[0].document()["data"])
        for page in pages[:-1]:
            document = page.document()
            asked = int(page.url.params["limit"])
            rows = len(document["data"])
            yield page.expect(rows == asked == limit, f"{rows} rows", f"{asked} rows")
            yield page.expect(document["page"]["limit"] == asked, document["page"], asked)


@rule("parameter limit: default 100")
def a_page_has_100_rows_where_no_limit_is_given(server: Server) -> Iterator[Finding]:
    """Without `limit`, a page has 100 rows."""
    for operation in server.contract.lists:
        answer = server.get(operation.path)
        page, rows = answer.document()["page"], len(answer.document()["data"])
        right = min(DEFAULT_LIMIT, page["total"])
        yield answer.expect(rows == right, f"{rows} rows of {page['total']}", right)
        yield answer.expect(page["limit"] == DEFAULT_LIMIT, page["limit"], DEFAULT_LIMIT)


@rule("header Link (RFC 8288)")
def links_agree_with_next(server: Server) -> Iterator[Finding]:
    """`Link` has the first page, and the next page exactly if `next` is set."""
    for _, pages in filled(server):
        for page, following in zip(pages, [*pages[1:], None], strict=True):
            links = {relation: to for to, relation in LINK.findall(page.headers.get("link", ""))}
            came = page.headers.get("link", "no Link")
            yield page.expect(("next" in links) == (following is not None), came, "as page.next")
            if following and "next" in links:
                same = server.follow(page, links["next"]).ids() == following.ids()
                yield page.expect(same, f"next leads elsewhere: {came}", "the page of page.next")
        yield pages[-1].expect("first" in links, came, 'rel="first"')
        if "first" in links:
            same = server.follow(pages[-1], links["first"]).ids() == pages[0].ids()
            yield pages[-1].expect(same, f"first leads elsewhere: {came}", "the first page")


@rule("parameter id, PageInfo.missing")
def a_missing_id_is_named(server: Server) -> Iterator[Finding]:
    """Repeated `id` returns these rows and lists unknown ids in `page.missing`."""
    for operation in server.contract.lists:
        if "id" not in operation.parameters:
            continue
        there = [key_of(row) for row in server.get(operation.path).document()["data"]][:2]
        if there:
            answer = server.get(operation.path, {"id": [*there, NEVER_MINTED]})
            missing = answer.document()["page"]["missing"]
            yield answer.expect(sorted(answer.ids()) == sorted(there), answer.ids(), there)
            yield answer.expect(missing == [NEVER_MINTED], missing, [NEVER_MINTED])
