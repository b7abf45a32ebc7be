"""How it speaks HTTP: validators, problems, languages, formats."""

import itertools

from tests.conformance.faults import (
    LISTS,
    AppendOnly,
    Fault,
    Pairs,
    answer,
    document,
    forgiving,
    header,
    instead,
    problem,
    query,
    tag,
    unheard,
    value,
    without,
)

TASK = r"/v1/tasks/[^/]+"
TASKS = "/v1/tasks"
TEXT = r"/v1/plans/[^/]+/text"
DOWNLOAD = r"/v1/plans/[^/]+/download"
HANT = "zh-Hant"
COUNTER = itertools.count()


def emptied(said: AppendOnly) -> None:
    """An empty page, where there was a refusal."""
    if said.status == 422:
        said.status = 200
        said.headers["content-type"] = "application/json"
        said.say({"data": [], "page": {"limit": 100, "total": 0, "next": None, "missing": []}})


def shifted(span: dict[str, int]) -> None:
    span.update(start=span["start"] + 1, end=span["end"] + 1)


def with_body(said: AppendOnly) -> None:
    if said.status == 304:
        said.body = b"{}"


def without_tag(said: AppendOnly) -> None:
    if said.status == 304:
        del said.headers["etag"]


def without_tag_for_head(said: AppendOnly) -> None:
    if said.scope["method"] == "HEAD":
        del said.headers["etag"]


def always_304(said: AppendOnly) -> None:
    if "if-none-match" in said.asked and said.status == 200:
        said.status, said.body = 304, b""


def modified_never(said: AppendOnly) -> None:
    if "if-modified-since" in said.asked and said.status == 200:
        said.status, said.body = 304, b""


def refuse_pictures(said: AppendOnly) -> None:
    if said.asked.get("accept") == "image/png" and said.status == 200:
        said.status = 406


def cut(end: bytes) -> Fault:
    """An export without its last line."""

    def said(said: AppendOnly) -> None:
        said.body = end.join(said.body.split(end)[:-2]) + end

    return answer(said, LISTS, "format=(csv|ndjson)")


def without_bom(said: AppendOnly) -> None:
    said.body = said.body.removeprefix(b"\xef\xbb\xbf")


def with_formula(said: AppendOnly) -> None:
    said.body = said.body.replace(b"\r\n", b"\r\n=1+1,", 2)


def plain_allow(said: AppendOnly) -> None:
    if "allow" in said.headers:
        said.headers["allow"] = "GET"


def last_wins(pairs: Pairs) -> Pairs:
    return list(dict(pairs).items())


def within(pairs: Pairs) -> Pairs:
    """A limit drawn to the nearest that is allowed."""
    return [(n, str(min(1000, max(1, int(v)))) if n == "limit" and v.lstrip("-").isdigit() else v)
            for n, v in pairs]  # fmt: skip


# What the server does, how, and the rules that find it.
FAULTS: list[tuple[str, Fault, str]] = [
    # conditional
    ("weak ETags", tag(lambda t, _: f"W/{t}"), "every_answer_has_a_strong_etag"),
    (
        "another ETag each time",
        tag(lambda t, _: f'"{next(COUNTER)}"'),
        "the_same_question_has_the_same_etag head_is_get_without_the_body",
    ),
    (
        "Last-Modified in words",
        header("last-modified", "yesterday"),
        "every_answer_says_when_it_was_modified",
    ),
    ("no-store", header("cache-control", "no-store"), "every_answer_says_how_long_it_may_be_kept"),
    (
        "no Vary",
        header("vary", None),
        "vary_names_what_chooses_the_answer vary_names_accept_language",
    ),
    (
        "Vary without Accept-Encoding",
        header("vary", "Accept, Accept-Language"),
        "vary_names_what_chooses_the_answer",
    ),
    (
        "If-None-Match is not heard",
        unheard("if-none-match"),
        "what_the_client_has_is_304 a_list_of_tags_is_read a_star_is_any_tag a_weak_tag_is_compared_weakly",
    ),
    ("a list of tags is not read", unheard("if-none-match", ","), "a_list_of_tags_is_read"),
    ("a star is not read", unheard("if-none-match", r"^\*"), "a_star_is_any_tag"),
    (
        "tags are compared strongly",
        unheard("if-none-match", "^W/"),
        "a_weak_tag_is_compared_weakly",
    ),
    (
        "any tag is 304",
        answer(always_304),
        "another_tag_gives_the_answer if_none_match_goes_before_if_modified_since",
    ),
    ("a 304 with a body", answer(with_body), "a_304_has_no_body_and_the_headers_of_the_200"),
    ("a 304 without its tag", answer(without_tag), "a_304_has_no_body_and_the_headers_of_the_200"),
    (
        "If-Modified-Since is not heard",
        unheard("if-modified-since"),
        "what_has_not_changed_since_is_304",
    ),
    (
        "If-Modified-Since is always 304",
        answer(modified_never),
        "what_has_changed_since_is_200 if_none_match_goes_before_if_modified_since",
    ),
    (
        "one ETag for both languages",
        tag(lambda _, s: f'"{abs(hash(s.scope["path"]))}"'),
        "each_language_has_its_etag",
    ),
    (
        "one ETag for all formats",
        tag(lambda _, s: f'"{abs(hash(s.scope["path"]))}"'),
        "each_format_has_its_etag",
    ),
    (
        "one ETag for all encodings",
        tag(lambda t, _: t.replace("-gzip", "")),
        "each_encoding_has_its_etag",
    ),
    (
        "nothing is compressed",
        unheard("accept-encoding"),
        "a_long_answer_is_compressed_where_that_is_asked",
    ),
    ("HEAD without ETag", answer(without_tag_for_head), "head_is_get_without_the_body"),
    (
        "HEAD is 405",
        answer(lambda s: setattr(s, "status", 405 if s.scope["method"] == "HEAD" else s.status)),
        "head_is_get_without_the_body",
    ),
    (
        "OPTIONS names GET alone",
        answer(plain_allow),
        "options_names_the_methods another_method_is_405",
    ),
    # problems
    ("200 for an unknown path", instead(404, 200), "an_unknown_path_is_404 an_unknown_id_is_404"),
    ("200 for an unknown id", instead(404, 200, TASK), "an_unknown_id_is_404"),
    ("405 without Allow", header("allow", None), "another_method_is_405"),
    ("404 for another method", instead(405, 404), "another_method_is_405"),
    (
        "one form is refused",
        answer(refuse_pictures),
        "what_has_one_form_is_given_whatever_is_accepted",
    ),
    ("Accept is not heard", unheard("accept"), "what_nobody_offers_is_406 format_and_accept_agree"),
    ("422 for what cannot be decoded", instead(400, 422), "what_cannot_be_decoded_is_400"),
    (
        "unknown parameters are left aside",
        without("no_such_parameter"),
        "an_unknown_parameter_is_422",
    ),
    (
        "unknown values are left aside",
        without("level", has="no-such-value"),
        "a_value_out_of_a_closed_set_is_422",
    ),
    (
        "allowed is left out",
        problem(lambda p: [e.update(allowed=None) for e in p["errors"]], 422),
        "a_value_out_of_a_closed_set_is_422",
    ),
    (
        "the last one of two wins",
        query(last_wins),
        "a_single_parameter_given_twice_is_422 a_repeated_filter_means_or",
    ),
    ("a limit is drawn in", query(within), "a_limit_out_of_range_is_422"),
    (
        "a limit of 1000 is too much",
        value("limit", lambda v: "1001" if v == "1000" else v),
        "a_limit_out_of_range_is_422",
    ),
    ("bad dates are left aside", forgiving("due_from"), "a_bad_date_is_422"),
    ("bad moments are left aside", forgiving("changed_since"), "a_bad_date_is_422"),
    ("1 is true", value("leaf", lambda v: "true" if v == "1" else v), "a_bad_boolean_is_422"),
    (
        "an unknown agency gives an empty list",
        answer(emptied, TASKS, "agency="),
        "an_unknown_id_in_a_filter_is_422",
    ),
    (
        "problems as application/json",
        answer(
            lambda s: (
                s.headers.update({"content-type": "application/json"}) if s.status > 399 else None
            ),
            "/.*",
        ),
        "a_problem_is_a_problem_document",
    ),
    (
        "problems without errors",
        problem(lambda p: p.pop("errors")),
        "a_problem_is_a_problem_document",
    ),
    (
        "problems with another status inside",
        problem(lambda p: p.update(status=400)),
        "a_problem_repeats_its_status",
    ),
    (
        "problems whose type leads nowhere",
        problem(lambda p: p.update(type="/problems/none")),
        "the_type_of_a_problem_resolves",
    ),
    (
        "problems without their path",
        problem(lambda p: p.update(instance="/")),
        "a_problem_names_the_path",
    ),
    (
        "problems with another request id",
        problem(lambda p: p.update(request_id="x")),
        "a_problem_names_its_request",
    ),
    (
        "problems in Chinese alone",
        unheard("accept-language", "en", "/.*"),
        "a_problem_speaks_english_where_that_is_preferred",
    ),
    (
        "problems with an ETag",
        answer(lambda s: s.headers.update({"etag": '"x"'}), "/v1/.*"),
        "a_problem_is_not_kept",
    ),
    # languages
    (
        "no Content-Language",
        header("content-language", None),
        "the_default_is_the_authoritative_script every_promised_header_is_there",
    ),
    (
        "Traditional by default",
        header("content-language", HANT),
        "the_default_is_the_authoritative_script accept_language_chooses_the_script",
    ),
    (
        "Macao gets Simplified",
        unheard("accept-language", "zh-MO"),
        "accept_language_chooses_the_script",
    ),
    ("lang is not heard", without("lang"), "lang_goes_before_accept_language"),
    (
        "Vary without Accept-Language",
        header("vary", "Accept, Accept-Encoding"),
        "vary_names_accept_language",
    ),
    (
        "spans move with the script",
        document(TASK, lambda t: shifted(t["span"]), when=HANT),
        "ids_spans_and_hashes_are_the_same_in_both",
    ),
    (
        "hashes move with the script",
        document(TEXT, lambda t: t.update(text_sha256="x"), when=HANT),
        "ids_spans_and_hashes_are_the_same_in_both",
    ),
    ("nothing is converted", unheard("accept-language", HANT), "zh_hant_is_another_text"),
    # formats
    ("NDJSON lacks its last line", cut(b"\n"), "ndjson_has_each_row_of_the_list_on_a_line"),
    ("CSV lacks its last line", cut(b"\r\n"), "csv_has_a_line_for_each_row_of_the_list"),
    (
        "CSV without a byte order mark",
        answer(without_bom, has="format=csv"),
        "csv_begins_with_a_byte_order_mark",
    ),
    ("CSV with a formula", answer(with_formula, has="format=csv"), "no_cell_is_a_formula"),
    (
        "XLSX has 3 rows",
        query(lambda ps: [*ps, ("limit", "3")], has="format=xlsx"),
        "xlsx_has_a_row_for_each_row_of_the_list",
    ),
    (
        "XLSX is CSV",
        value("format", lambda v: "csv" if v == "xlsx" else v),
        "xlsx_has_a_row_for_each_row_of_the_list format_and_accept_agree",
    ),
    (
        "format is not heard beside Accept",
        without("format", has="format=json"),
        "format_goes_before_accept",
    ),
    (
        "exports do not hear filters",
        without("section", has="format=ndjson"),
        "an_export_takes_the_filters_of_the_list",
    ),
    (
        "a download is text",
        header("content-type", "text/plain", DOWNLOAD),
        "a_plan_comes_in_every_format",
    ),
]
