"""What is quoted is in the text: spans count its Unicode code points, end exclusive."""

import hashlib
from collections.abc import Iterator

from conformance.rules import rule
from conformance.server import Answer, Finding, Row, Server

MOST_PLANS = 5
MOST_PAGES, MOST_BOXES = 5, 100  # of a plan, of a page


def texts(server: Server) -> Iterator[tuple[Row, Answer]]:
    """The plans, each with its text."""
    for plan in server.listed("plans")[:MOST_PLANS]:
        yield plan, server.get(f"/v1/plans/{plan['id']}/text")


def quoting(server: Server, resource: str) -> Iterator[tuple[str, Row, str]]:
    """The rows of a list: how each is asked for, the row, and what its span quotes."""
    known = {plan["id"]: answer.document()["text"] for plan, answer in texts(server)}
    for row in server.listed(resource):
        if row["plan"] in known:
            quoted = known[row["plan"]][row["span"]["start"] : row["span"]["end"]]
            yield f"GET /v1/{resource}/{row['id']}", row, quoted


def inside(server: Server, resource: str, *names: str) -> Iterator[Finding]:
    """That the words of a row, line by line, stand in what its span quotes."""
    for asked, row, quoted in quoting(server, resource):
        for name in names:
            if row[name] is not None:
                fine = all(line in quoted for line in row[name].split("\n"))
                came = f"{name} is not in text[span]: {quoted[:40]}…"
                yield Finding(fine, asked, came, f"…{row[name][:40]}… in it")


@rule("PlanText.text_sha256, Source.text_sha256")
def the_hash_is_that_of_the_text(server: Server) -> Iterator[Finding]:
    """`text_sha256` is the SHA-256 of the text in UTF-8, and the plan says the same."""
    for plan, answer in texts(server):
        document = answer.document()
        right = hashlib.sha256(document["text"].encode()).hexdigest()
        for came in (document["text_sha256"], plan["source"]["text_sha256"]):
            yield answer.expect(came == right, came, right)


@rule("PlanText.text_length, Source.text_length")
def the_length_counts_code_points(server: Server) -> Iterator[Finding]:
    """`text_length` is the number of code points of the text, and the plan says the same."""
    for plan, answer in texts(server):
        document = answer.document()
        right = len(document["text"])
        for came in (document["text_length"], plan["source"]["text_length"]):
            yield answer.expect(came == right, came, right)


@rule("getPlanText: text/plain")
def the_text_alone_is_the_same_text(server: Server) -> Iterator[Finding]:
    """The text as text/plain is the text in JSON, byte for byte."""
    for plan, answer in texts(server):
        alone = server.get(f"/v1/plans/{plan['id']}/text", {"format": "text"})
        same = alone.body == answer.document()["text"].encode()
        yield alone.expect(same, f"{alone.summary}, {len(alone.body)} bytes", "the same text")


@rule("PlanText.pages")
def the_pages_are_the_whole_text(server: Server) -> Iterator[Finding]:
    """The pages of a source follow one another from the first to the last code point of the text."""
    for _, answer in texts(server):
        document = answer.document()
        if not document["pages"]:
            continue
        ends = [page["end"] for page in document["pages"]]
        came = [(page["start"], page["end"]) for page in document["pages"]]
        right = [*zip([0, *ends], [*ends[:-1], document["text_length"]], strict=False)]
        yield answer.expect(came == right and ends == sorted(ends), str(came), str(right))


@rule("getPlanTextBoxes")
def boxes_lie_on_their_pages(server: Server) -> Iterator[Finding]:
    """Boxes lie within a page of the source, and those of a page's span begin on that page."""
    for plan, answer in texts(server):
        pages = {page["number"]: page for page in answer.document()["pages"]}
        for page in list(pages.values())[:MOST_PAGES]:
            span = {"start": page["start"], "end": page["end"]}
            if span["start"] == span["end"]:
                continue
            found = server.get(f"/v1/plans/{plan['id']}/text/boxes", span)
            for box in found.document()[:MOST_BOXES]:
                size = pages.get(box["page"], {"width": 0, "height": 0})
                inside = (
                    0 <= box["x"] <= box["x"] + box["width"] <= size["width"]
                    and 0 <= box["y"] <= box["y"] + box["height"] <= size["height"]
                )
                yield found.expect(inside, str(box), f"within {size['width']} x {size['height']}")
            first = [box["page"] for box in found.document()[:1]]
            yield found.expect(first in ([], [page["number"]]), first, page["number"])


@rule("getPlanTextBoxes: 422")
def what_is_no_span_has_no_boxes(server: Server) -> Iterator[Finding]:
    """An empty span, and one that ends after the text, return 422."""
    for plan, answer in texts(server):
        end = answer.document()["text_length"]
        for span in ({"start": 0, "end": 0}, {"start": end - 1, "end": end + 1}):
            yield server.get(f"/v1/plans/{plan['id']}/text/boxes", span).is_(422)


@rule("getPlanPageImage")
def pictures_are_pictures(server: Server) -> Iterator[Finding]:
    """A page that has an `image` has a WebP picture there."""
    for path in server.pictures()[:MOST_PAGES]:
        image = server.get(path)
        came = image.body[:4] + image.body[8:12]
        yield image.expect(came == b"RIFFWEBP", image.summary, "a WebP picture")


@rule("Target.span, Target.statement")
def the_span_of_a_target_is_its_statement(server: Server) -> Iterator[Finding]:
    """For every target, `text[start:end]` is its statement."""
    for asked, row, quoted in quoting(server, "targets"):
        right = row["statement"]
        yield Finding(quoted == right, asked, f"text[span] is {quoted[:60]}", right)


@rule("Target.as_written")
def a_figure_is_printed_in_its_statement(server: Server) -> Iterator[Finding]:
    """The value of a target as printed occurs in its statement, or, of a date alone, in its task."""
    tasks = {row["id"]: quoted for _, row, quoted in quoting(server, "tasks")}
    for row in server.listed("targets"):
        if (came := row["as_written"]) is not None:
            where = row["statement"]
            if row["kind"] == "deadline" and row["task"]:  # in tables in a cell of its own
                where += tasks.get(row["task"]["id"], came)
            yield Finding(came in where, f"GET /v1/targets/{row['id']}", came, f"words of {where}")


@rule("Task.span")
def the_words_of_a_task_are_in_its_span(server: Server) -> Iterator[Finding]:
    """Title, body and assignment clause of a task occur in `text[start:end]`, line by line."""
    yield from inside(server, "tasks", "title", "body", "assignment_clause")


@rule("AssignmentClause.span, AssignmentClause.covers")
def the_clauses_of_a_task_are_in_its_span(server: Server) -> Iterator[Finding]:
    """The lines of a clause occur in `text[start:end]`, and what it covers is in the task's span."""
    plans = {plan["id"]: answer.document()["text"] for plan, answer in texts(server)}
    for row in server.listed("tasks"):
        asked, whole = f"GET /v1/tasks/{row['id']}", row["span"]
        clauses = row["assignment_clauses"]
        for clause in clauses:
            span = clause["span"]
            quoted = plans[row["plan"]][span["start"] : span["end"]]
            fine = all(line in quoted for line in clause["text"].split("\n"))
            yield Finding(fine, asked, f"text[span] is {quoted[:60]}", clause["text"])
            for place in (span, clause["covers"]):
                inner = whole["start"] <= place["start"] < place["end"] <= whole["end"]
                yield Finding(inner, asked, str(place), f"within {whole}")
        only = clauses[0]["text"] if len(clauses) == 1 else None
        came = row["assignment_clause"]
        yield Finding(came == only, asked, f"assignment_clause {came}", str(only))


@rule("Section.span")
def the_words_of_a_section_are_in_its_span(server: Server) -> Iterator[Finding]:
    """Number, heading and introduction of a section occur in `text[start:end]`."""
    yield from inside(server, "sections", "label", "title", "intro")


@rule("Task.span: sub-items included")
def spans_lie_in_each_other(server: Server) -> Iterator[Finding]:
    """Spans are nested: targets in tasks, sub-items in items, items in sections."""
    outer = {
        row["id"]: row["span"] for name in ("sections", "tasks") for row in server.listed(name)
    }
    for resource in ("tasks", "targets"):
        for row in server.listed(resource):
            around = row.get("parent") or row.get("task") or row["section"]
            if around is None:
                continue  # an item of a plan without sections
            span, whole = row["span"], outer[around["id"]]
            fine = whole["start"] <= span["start"] < span["end"] <= whole["end"]
            asked = f"GET /v1/{resource}/{row['id']}"
            yield Finding(fine, asked, str(span), f"within {around['id']}: {whole}")


@rule("Assignment.as_written, Assignment.position")
def an_assignment_is_as_written(server: Server) -> Iterator[Finding]:
    """The `as_written` of an assignment occurs in its clause or rule, and positions start at 1."""
    plans = {plan["id"]: answer.document()["text"] for plan, answer in texts(server)}
    for row in server.listed("tasks"):
        asked, text = f"GET /v1/tasks/{row['id']}", plans[row["plan"]]
        clauses = [clause["text"] for clause in row["assignment_clauses"]]
        for place, assignment in enumerate(row["assignments"], 1):
            came, position = assignment["as_written"], assignment["position"]
            index, rule = assignment["clause"], assignment["rule"]
            known = index is None and rule is not None or index in range(len(clauses))
            yield Finding(known, asked, f"clause {index}, rule {rule}", "a clause, or a rule")
            if known:
                words = clauses[index] if index is not None else text[rule["start"] : rule["end"]]
                yield Finding(came in words, asked, came, f"words of {words}")
            yield Finding(position == place, asked, f"position {position}", str(place))


@rule("Correction.span, Correction.text")
def a_correction_is_in_the_text(server: Server) -> Iterator[Finding]:
    """For every correction, `text[start:end]` is the corrected text."""
    for _, answer in texts(server):
        text = answer.document()["text"]
        for one in answer.document()["corrections"]:
            came = text[one["span"]["start"] : one["span"]["end"]]
            yield answer.expect(came == one["text"], f"{one['span']}: {came!r}", repr(one["text"]))
