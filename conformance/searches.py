"""`q` and `/v1/search` find things by their words, and only by them."""

import itertools
import unicodedata
from collections.abc import Iterator
from typing import Any

from conformance.rules import rule
from conformance.server import WORD, Answer, Finding, Row, Server, spread

EACH = 3
WILDCARDS, QUOTES = ("%", "_", "*"), ('"', "\\")
MOST = 1000
SIGNS = ("Ps", "Pe", "Pi", "Pf", "Pd", "Zs", "Cc", "Cf")  # categories of Unicode


def titled(server: Server) -> Iterator[tuple[Row, str]]:
    """Some tasks, and the longest word of each title."""
    for row in spread(server.listed("tasks"), EACH):
        words = WORD.findall(row["title"])
        if words:
            yield row, max(words, key=len)


def hits(server: Server, q: str, **params: str) -> Answer:
    """All hits of a search."""
    return server.get("/v1/search", {"q": q, "limit": MOST, **params})


def texts_in(value: Any) -> Iterator[str]:
    """All text of a document, whatever member it is in."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for member in value.values():
            yield from texts_in(member)
    elif isinstance(value, list):
        for member in value:
            yield from texts_in(member)


def plain(text: str) -> str:
    """Full and half width, upper and lower case are the same."""
    return unicodedata.normalize("NFKC", text).casefold()


def unmarked(text: str) -> str:
    """Without the signs that make no difference between Chinese characters, for words of these."""
    return "".join(
        char
        for char in plain(text)
        if unicodedata.category(char) not in SIGNS and char not in "\"'、·‧•・+"
    )


@rule("parameter q")
def a_task_is_found_by_words_of_its_title(server: Server) -> Iterator[Finding]:
    """`q` finds a task by a word of its title, by two characters of it, and by one."""
    for row, word in titled(server):
        for q in (word, word[:2], word[-1:]):
            answer = server.get("/v1/tasks", {"q": q, "limit": MOST})
            yield answer.expect(
                row["id"] in server.ids("/v1/tasks", {"q": q}), "without it", row["id"]
            )


@rule("parameter q: either script")
def a_task_is_found_in_either_script(server: Server) -> Iterator[Finding]:
    """`q` finds the same in Traditional as in Simplified Chinese."""
    for row, _ in titled(server):
        other = server.get(f"/v1/tasks/{row['id']}", {"lang": "zh-Hant"}).document()["title"]
        words = WORD.findall(row["title"])
        pairs = list(zip(words, WORD.findall(other), strict=False))
        for word, converted in [pair for pair in pairs if pair[0] != pair[1]][:1]:
            came, right = (server.ids("/v1/tasks", {"q": q}) for q in (converted, word))
            answer = server.get("/v1/tasks", {"q": converted})
            yield answer.expect(
                came == right, f"{len(came)} tasks", f"{len(right)}, as {word} finds"
            )


@rule("parameter q: all words must match")
def all_words_must_match(server: Server) -> Iterator[Finding]:
    """Two words find only what both of them find."""
    words = [word[:2] for _, word in titled(server)]
    for one, other in itertools.pairwise(words):
        both = set(server.ids("/v1/tasks", {"q": one})) & set(server.ids("/v1/tasks", {"q": other}))
        came = server.ids("/v1/tasks", {"q": f"{one} {other}"})
        answer = server.get("/v1/tasks", {"q": f"{one} {other}"})
        yield answer.expect(set(came) == both, f"{len(came)} tasks", f"{len(both)}, that have both")


@rule('parameter q: "…" is a phrase')
def what_is_quoted_is_one_word(server: Server) -> Iterator[Finding]:
    """`"…"` finds the exact phrase: a complete title finds its task."""
    for row, _ in titled(server):
        title = row["title"].replace('"', " ")
        answer = server.get("/v1/tasks", {"q": f'"{title}"', "limit": MOST})
        yield answer.expect(row["id"] in answer.ids(), answer.ids()[:3], row["id"])


@rule("parameter q: signs are only characters")
def signs_are_only_characters(server: Server) -> Iterator[Finding]:
    """%, _, * and the like are literal characters, not wildcards."""
    if not server.listed("tasks"):
        return
    for sign in WILDCARDS:
        answer = server.get("/v1/tasks", {"q": sign, "limit": MOST})
        without = [
            row["id"]
            for row in answer.document()["data"]
            if not any(sign in plain(text) for text in texts_in(row))
        ]
        yield answer.expect(not without, f"{without[:3]}, which have none", f"tasks with {sign}")
    for sign in QUOTES:
        yield server.get("/v1/tasks", {"q": f"a{sign}"}).is_(200)


@rule("parameter q, with other filters")
def q_and_a_filter_mean_and(server: Server) -> Iterator[Finding]:
    """`q` with a filter returns the rows that match both."""
    for row, word in titled(server):
        params = {"section": row["section"]["id"]} if row["section"] else {"plan": row["plan"]}
        both = set(server.ids("/v1/tasks", params)) & set(server.ids("/v1/tasks", {"q": word[:2]}))
        came = server.ids("/v1/tasks", {**params, "q": word[:2]})
        answer = server.get("/v1/tasks", {**params, "q": word[:2]})
        yield answer.expect(set(came) == both, f"{len(came)} tasks", f"{len(both)}, that fit both")


@rule("search: SearchHit.id, SearchHit.href")
def search_finds_what_the_lists_find(server: Server) -> Iterator[Finding]:
    """`/v1/search` finds each task that `q` finds, and each hit links to its document."""
    for _, word in titled(server):
        answer = hits(server, word[:2], kind="task")
        found = [hit["id"] for hit in answer.document()["data"]]
        listed = server.ids("/v1/tasks", {"q": word[:2]})
        if len(listed) < MOST:
            right = f"{len(listed)}, as the list"
            yield answer.expect(sorted(found) == sorted(listed), f"{len(found)} hits", right)
    for _, word in titled(server):
        for hit in spread(hits(server, word[:2]).document()["data"], EACH):
            there = server.follow(hits(server, word[:2]), hit["href"])
            yield there.expect(there.document()["id"] == hit["id"], there.summary, hit["id"])


@rule("Snippet.matches")
def a_snippet_shows_where_the_words_are(server: Server) -> Iterator[Finding]:
    """The matches of a snippet are the words, counted in code points; the snippet occurs in its field."""
    for _, word in titled(server):
        answer = hits(server, word[:2])
        for hit in answer.document()["data"][:20]:
            snippet = hit["snippet"]
            shown = {snippet["text"][m["start"] : m["end"]] for m in snippet["matches"]}
            fine = shown and {unmarked(text) for text in shown} == {unmarked(word[:2])}
            yield answer.expect(fine, f"{hit['id']}: {shown or 'no match'}", word[:2])
            alone = server.follow(answer, hit["href"]).document()
            inside = any(snippet["text"] in text for text in texts_in(alone))
            yield answer.expect(inside, f"{hit['id']}: not its words", f"from {snippet['field']}")


@rule("SearchHit.score: best hits first")
def the_best_hits_come_first(server: Server) -> Iterator[Finding]:
    """Scores never increase from one hit to the next."""
    for _, word in titled(server):
        answer = hits(server, f"{word[:2]}")
        scores = [hit["score"] for hit in answer.document()["data"]]
        yield answer.expect(scores == sorted(scores, reverse=True), scores[:9], "falling scores")


@rule("search: parameters kind, plan")
def search_takes_its_filters(server: Server) -> Iterator[Finding]:
    """`kind` and `plan` return only hits of that kind and of that plan."""
    for row, word in titled(server):
        every = hits(server, word[:2]).document()["data"]
        for name, value in (("kind", "task"), ("plan", row["plan"])):
            answer = hits(server, word[:2], **{name: value})
            came = [hit["id"] for hit in answer.document()["data"] if hit[name] == value]
            right = [hit["id"] for hit in every if hit[name] == value]
            number = len(answer.document()["data"])
            # What belongs to no plan may be found under one, as its tasks are of that plan.
            fine = came == right and (name == "plan" or number == len(right))
            yield answer.expect(fine, f"{number} hits", f"the {len(right)} with {name} {value}")


@rule("search: PageInfo")
def a_walk_through_the_hits_gives_each_once(server: Server) -> Iterator[Finding]:
    """Paging through the hits returns each once, in the order of one large page."""
    for _, word in spread(list(titled(server)), 1):
        whole = [hit["id"] for hit in hits(server, word[:2]).document()["data"]]
        limit = max(1, len(whole) // 3)
        answer = server.get("/v1/search", {"q": word[:2], "limit": limit})
        walked = answer.ids()
        while (cursor := answer.document()["page"]["next"]) and len(walked) < len(whole):
            answer = server.get("/v1/search", {"q": word[:2], "limit": limit, "cursor": cursor})
            walked += answer.ids()
        yield answer.expect(walked == whole, f"{len(walked)} hits", f"the same {len(whole)}")
