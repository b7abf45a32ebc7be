"""What answers say: shapes, counts, pages, cursors, quotations, changes."""

from tests.conformance.faults import (
    LISTS,
    AppendOnly,
    Fault,
    answer,
    document,
    forgiving,
    header,
    instead,
    query,
    row,
    rows,
    value,
    without,
)

TASK = r"/v1/tasks/[^/]+"
TASKS = "/v1/tasks"
TARGETS = "/v1/targets"
SEARCH = "/v1/search"
FEED = "/v1/changes"
TEXT = r"/v1/plans/[^/]+/text"
DOWNLOAD = r"/v1/plans/[^/]+/download"


def drop(data: list[object]) -> None:
    data.pop()


def swapped(data: list[object]) -> None:
    data[:] = data[::-1]


def endless(page: dict[str, dict[str, object]]) -> None:
    page["page"]["next"] = page["page"]["next"] or "again"


def sorry(said: AppendOnly) -> None:
    said.body = b"<html>sorry</html>"


def shifted(span: dict[str, int]) -> None:
    span.update(start=span["start"] + 1, end=span["end"] + 1)


def each_shifted(data: list[dict[str, dict[str, int]]]) -> None:
    for one in data:
        shifted(one["span"])


def cut(end: bytes) -> Fault:
    """An export without its last line."""

    def said(said: AppendOnly) -> None:
        said.body = end.join(said.body.split(end)[:-2]) + end

    return answer(said, LISTS, "format=(csv|ndjson)")


def due_on(day: str) -> Fault:
    """Days that are bounds are left out."""
    return rows(TARGETS, lambda d: d.__setitem__(slice(None), d[:-1]), f"{day}=")


# What the server does, how, and the rules that find it.
FAULTS: list[tuple[str, Fault, str]] = [
    # shapes
    ("search fails", instead(200, 500, SEARCH), "every_operation_answers"),
    (
        "a list is sent as text",
        header("content-type", "text/plain", TASKS),
        "every_operation_answers",
    ),
    (
        "no Last-Modified",
        header("last-modified", None),
        "every_promised_header_is_there every_answer_says_when_it_was_modified",
    ),
    (
        "no request id",
        header("x-request-id", None),
        "every_promised_header_is_there a_problem_names_its_request",
    ),
    (
        "null in a required field",
        row(TASKS, lambda t: t.update(title=None)),
        "every_document_is_its_schema",
    ),
    ("a field is left out", row(TARGETS, lambda t: t.pop("unit")), "every_document_is_its_schema"),
    (
        "an unknown enum value",
        row(TASKS, lambda t: t.update(level="paragraph")),
        "every_document_is_its_schema",
    ),
    (
        "a date in another form",
        row("/v1/plans", lambda p: p.update(issued_on="2022-2-28")),
        "every_document_is_its_schema",
    ),
    (
        "a date of no calendar",
        row(TARGETS, lambda t: t.update(due_on="2022-02-30")),
        "every_document_is_its_schema",
    ),
    (
        "a moment with an offset",
        row(FEED, lambda c: c.update(at="2026-01-02T03:04:05+00:00")),
        "every_document_is_its_schema",
    ),
    (
        "a number as text",
        row(TASKS, lambda t: t["span"].update(start="6")),
        "every_document_is_its_schema",
    ),
    (
        "a task alone has another title",
        document(TASK, lambda t: t.update(title="x")),
        "a_row_is_the_same_alone_as_in_its_list",
    ),
    (
        "a label of another value",
        row(TASKS, lambda t: t["progress"].update(status_label="已完成")),
        "a_member_of_a_closed_set_has_its_label",
    ),
    (
        "a value without a label that may be null",
        row(TARGETS, lambda t: t.update(comparator_label=None)),
        "a_member_of_a_closed_set_has_its_label",
    ),
    (
        "a target of an older version inside its task",
        rows(TASKS, lambda data: [one.update(version=9) for t in data for one in t["targets"]]),
        "a_task_holds_its_targets_whole",
    ),
    (
        "a section with another code than references have",
        row("/v1/sections", lambda s: s.update(code="9")),
        "what_is_referred_to_is_there",
    ),
    ("an id with a space", row("/v1/platforms", lambda p: p.update(id="a b")), "an_id_is_ascii"),
    (
        "a reference with another name",
        row(TASKS, lambda t: t["section"].update(title="x")),
        "what_is_referred_to_is_there",
    ),
    # service
    (
        "a dead link",
        document("/v1", lambda s: s["links"].update(docs="/nowhere")),
        "every_link_leads_somewhere",
    ),
    (
        "a path missing from the contract",
        document("/openapi.json", lambda d: d["paths"].pop(TASKS)),
        "the_contract_is_published",
    ),
    (
        "the service counts a task more",
        document("/v1", lambda s: s["counts"].update(tasks=999)),
        "the_service_counts_what_the_lists_give",
    ),
    (
        "a plan counts a target less",
        row("/v1/plans", lambda p: p["counts"].update(targets=1)),
        "plans_and_sections_count_what_the_lists_give",
    ),
    (
        "a section counts a task more",
        row("/v1/sections", lambda s: s.update(tasks=99)),
        "plans_and_sections_count_what_the_lists_give",
    ),
    (
        "an agency counts a task more",
        row("/v1/agencies", lambda a: a["counts"].update(lead=99)),
        "agencies_count_what_the_lists_give",
    ),
    (
        "a target reads otherwise in its list",
        row(TARGETS, lambda t: t.update(metric="x")),
        "what_stands_twice_is_the_same",
    ),
    # walks
    (
        "a row of page 2 is dropped",
        rows(LISTS, drop, "cursor="),
        "a_walk_gives_each_row_once a_page_states_the_exact_total",
    ),
    (
        "a row of page 2 comes twice",
        rows(LISTS, lambda d: d.insert(0, d[0]), "cursor="),
        "a_walk_gives_each_row_once a_page_states_the_exact_total",
    ),
    ("pages come in another order", rows(LISTS, swapped, "cursor="), "a_walk_gives_each_row_once"),
    (
        "the total is one too many",
        document(LISTS, lambda p: p["page"].update(total=p["page"]["total"] + 1)),
        "a_page_states_the_exact_total the_total_of_a_facet_is_that_of_the_list",
    ),
    ("next never ends", document(LISTS, endless), "the_last_page_has_no_next"),
    (
        "next is always null",
        document(LISTS, lambda p: p["page"].update(next=None)),
        "a_walk_gives_each_row_once the_last_page_has_no_next",
    ),
    (
        "pages are smaller than asked",
        value("limit", lambda v: v if v == "1000" else "2", LISTS),
        "a_page_has_as_many_rows_as_its_limit",
    ),
    (
        "the default limit is 50",
        query(lambda ps: ps if "limit" in dict(ps) else [*ps, ("limit", "50")], LISTS),
        "a_page_has_100_rows_where_no_limit_is_given",
    ),
    ("no Link", header("link", None), "every_promised_header_is_there links_agree_with_next"),
    (
        "Link leads back",
        answer(
            lambda s: s.headers.update(
                {"link": s.headers.get("link", "").replace("cursor=", "lang=zh-Hans&x=")}
            ),
            LISTS,
        ),
        "links_agree_with_next",
    ),
    (
        "missing ids are not named",
        document(LISTS, lambda p: p["page"].update(missing=[])),
        "a_missing_id_is_named what_was_withdrawn_is_410",
    ),
    # cursors
    (
        "any cursor is accepted",
        forgiving("cursor"),
        "a_tampered_cursor_is_refused what_is_no_cursor_is_refused a_cursor_of_another_order_or_filter_is_refused a_cursor_of_another_list_is_refused",
    ),
    (
        "a wrong cursor is 400",
        instead(422, 400, LISTS, "cursor="),
        "a_tampered_cursor_is_refused what_is_no_cursor_is_refused",
    ),
    # texts
    (
        "the text has a space more",
        document(TEXT, lambda t: t.update(text=t["text"] + " ")),
        "the_hash_is_that_of_the_text the_length_counts_code_points the_text_alone_is_the_same_text",
    ),
    (
        "the length counts bytes",
        document(TEXT, lambda t: t.update(text_length=len(t["text"].encode()))),
        "the_length_counts_code_points",
    ),
    (
        "a page ends before the next one begins",
        document(TEXT, lambda t: t["pages"][0].update(end=t["pages"][0]["end"] - 1)),
        "the_pages_are_the_whole_text",
    ),
    (
        "boxes count from the bottom of a smaller page",
        document(f"{TEXT}/boxes", lambda boxes: [box.update(y=box["y"] + 400) for box in boxes]),
        "boxes_lie_on_their_pages",
    ),
    ("boxes of any span", instead(422, 200, f"{TEXT}/boxes"), "what_is_no_span_has_no_boxes"),
    (
        "a page of errors in place of a picture",
        answer(sorry, f"{TEXT}/pages/.*"),
        "pictures_are_pictures",
    ),
    (
        "spans of targets are one off",
        rows(TARGETS, each_shifted),
        "the_span_of_a_target_is_its_statement",
    ),
    (
        "a figure is not as printed",
        row(TARGETS, lambda t: t.update(as_written="x")),
        "a_figure_is_printed_in_its_statement",
    ),
    (
        "spans of tasks are cut short",
        rows(TASKS, lambda d: [t["span"].update(end=t["span"]["end"] - 9) for t in d]),
        "the_words_of_a_task_are_in_its_span",
    ),
    (
        "spans of tasks reach beyond",
        rows(TASKS, lambda d: [t["span"].update(end=t["span"]["end"] + 9999) for t in d]),
        "spans_lie_in_each_other",
    ),
    (
        "spans of sections are one off",
        rows("/v1/sections", each_shifted),
        "the_words_of_a_section_are_in_its_span",
    ),
    (
        "a clause covers what is not in its task",
        rows(
            TASKS,
            lambda d: [c["covers"].update(start=0) for t in d for c in t["assignment_clauses"]],
        ),
        "the_clauses_of_a_task_are_in_its_span",
    ),
    (
        "assignments in other words",
        rows(TASKS, lambda d: [a.update(as_written="x") for t in d for a in t["assignments"]]),
        "an_assignment_is_as_written",
    ),
    (
        "positions count from 0",
        rows(
            TASKS,
            lambda d: [a.update(position=a["position"] - 1) for t in d for a in t["assignments"]],
        ),
        "an_assignment_is_as_written",
    ),
    (
        "spans of corrections are one off",
        document(TEXT, lambda t: each_shifted(t["corrections"])),
        "a_correction_is_in_the_text",
    ),
    # changes
    ("a gap in the feed", rows(FEED, lambda d: d.pop(3)), "the_feed_has_no_gaps"),
    ("after is not heard", without("after"), "after_gives_what_came_later"),
    (
        "a document with another version than the feed's",
        row("/v1/plans", lambda p: p.update(version=7)),
        "a_document_is_what_its_last_change_says",
    ),
    (
        "a document with another moment than the feed's",
        row("/v1/agencies", lambda a: a.update(changed_at="2026-01-01T00:00:00Z")),
        "a_document_is_what_its_last_change_says",
    ),
    (
        "versions stand still",
        rows(FEED, lambda d: [c.update(version=1) for c in d]),
        "versions_rise_by_one",
    ),
    (
        "moments go back",
        rows(FEED, lambda d: d[-1].update(at="2001-01-01T00:00:00Z")),
        "moments_never_go_back",
    ),
    (
        "the feed has other ETags",
        rows(FEED, lambda d: [c.update(etag='"x"') for c in d]),
        "the_feed_states_the_etag_of_what_is_served what_was_withdrawn_is_410",
    ),
    (
        "a list has what the feed has not",
        rows("/v1/agencies", drop),
        "the_feed_tells_of_all_that_is_listed",
    ),
    ("404 for what was withdrawn", instead(410, 404), "what_was_withdrawn_is_410"),
    (
        "a download is of an older state",
        document(DOWNLOAD, lambda d: d.update(seq=d["seq"] - 1)),
        "a_download_states_its_number",
    ),
    (
        "a download lacks a task",
        document(DOWNLOAD, lambda d: d["tasks"].pop()),
        "a_download_is_what_the_lists_give",
    ),
    (
        "the head is one behind",
        document(FEED, lambda d: d["page"].update(head=d["page"]["head"] - 1)),
        "the_feed_states_its_head_and_how_far_it_looked",
    ),
    (
        "a download is of another history",
        document(DOWNLOAD, lambda d: d.update(epoch="0" * 16)),
        "one_epoch_stands_everywhere",
    ),
    (
        "an epoch is not heard",
        without("epoch", path=FEED),
        "a_place_in_another_history_is_410",
    ),
    (
        "versions are said to change",
        rows(FEED, lambda d: [c.update(changed=["version"]) for c in d]),
        "an_entry_names_what_changed",
    ),
    (
        "a filtered page says that it looked further",
        document(FEED, lambda d: d["page"].update(scanned_to=d["page"]["head"]), has="resource"),
        "a_filtered_walk_misses_nothing",
    ),
]
