"""What is found: filters, orders, facets, search."""

import json
from urllib.parse import parse_qsl

from tests.conformance.faults import (
    LISTS,
    AppendOnly,
    Fault,
    Pairs,
    answer,
    document,
    instead,
    query,
    row,
    rows,
    value,
    without,
)

TASKS = "/v1/tasks"
TARGETS = "/v1/targets"
FACETS = r"/v1/facets/.*"
SEARCH = "/v1/search"


def drop(data: list[object]) -> None:
    data.pop()


def swapped(data: list[object]) -> None:
    data[:] = data[::-1]


def one_off(match: dict[str, int]) -> dict[str, int]:
    return {name: place + 1 for name, place in match.items()}


def first_filter_only(pairs: Pairs) -> Pairs:
    about = ("limit", "cursor", "sort", "format", "lang")
    filters = [pair for pair in pairs if pair[0] not in about]
    return [*filters[:1], *(pair for pair in pairs if pair[0] in about)]


def due_on(day: str) -> Fault:
    """Days that are bounds are left out."""
    return rows(TARGETS, lambda d: d.__setitem__(slice(None), d[:-1]), f"{day}=")


def literal(said: AppendOnly) -> None:
    """Only rows with the very words."""
    if said.status == 200:
        page, words = said.document(), dict(parse_qsl(said.query))["q"]
        page["data"] = [one for one in page["data"] if words in json.dumps(one, ensure_ascii=False)]
        said.say(page)


# What the server does, how, and the rules that find it.
FAULTS: list[tuple[str, Fault, str]] = [
    # filters
    (
        "the filter platform is not heard",
        without("platform", path=TASKS),
        "filters_of_tasks_give_exactly_what_fits different_filters_mean_and",
    ),
    (
        "the filter leaf loses a row",
        rows(TASKS, drop, "leaf=true"),
        "filters_of_tasks_give_exactly_what_fits",
    ),
    (
        "the filter unit is not heard",
        without("unit", path=TARGETS),
        "filters_of_targets_give_exactly_what_fits",
    ),
    (
        "the filter jurisdiction is not heard",
        without("jurisdiction", path="/v1/agencies"),
        "filters_of_agencies_give_exactly_what_fits",
    ),
    (
        "the filter kind is not heard",
        without("kind", path="/v1/platforms"),
        "filters_of_the_other_lists_give_exactly_what_fits",
    ),
    (
        "the platforms of a plan lack one",
        rows("/v1/platforms", drop, "plan="),
        "platforms_of_a_plan_are_those_that_it_names",
    ),
    (
        "only the first filter counts",
        query(first_filter_only, f"{TASKS}|{TARGETS}"),
        "different_filters_mean_and",
    ),
    (
        "role is not heard beside agency",
        without("role", has="agency="),
        "agency_and_role_hold_of_one_assignment",
    ),
    (
        "collectives is not heard beside agency",
        without("collectives", has="agency="),
        "an_agency_finds_what_its_collectives_have_to_do",
    ),
    ("the first due day is left out", due_on("due_from"), "due_dates_bound_the_list"),
    ("the last due day is left out", due_on("due_to"), "due_dates_bound_the_list"),
    ("changed_since is not heard", without("changed_since"), "changed_since_bounds_every_list"),
    (
        "id gives a row less",
        rows(LISTS, drop, "id="),
        "id_gives_exactly_these a_missing_id_is_named",
    ),
    ("id is not heard", without("id", path=LISTS), "id_gives_exactly_these"),
    (
        "agencies are not found by name",
        rows("/v1/agencies", list.clear, "name="),
        "an_agency_is_found_by_every_name_it_has",
    ),
    # orders
    (
        "a minus is not heard",
        value("sort", lambda v: v.removeprefix("-")),
        "a_leading_minus_reverses_the_order",
    ),
    ("sorting loses a row", rows(LISTS, drop, "sort=title"), "an_order_loses_nothing"),
    (
        "rows as they happen to come",
        rows(f"{TASKS}|{TARGETS}", swapped),
        "the_default_order_is_that_of_the_text",
    ),
    (
        "due_on falls",
        row(TARGETS, lambda t: t.update(due_on="2999-12-31"), "sort=due_on"),
        "due_on_puts_the_earliest_first",
    ),
    ("relevance without words", without("sort", has="sort=relevance"), "relevance_needs_words"),
    # facets
    (
        "a count is one too many",
        row(FACETS, lambda b: b.update(count=b["count"] + 1)),
        "a_facet_counts_what_the_list_gives",
    ),
    (
        "a value is left out",
        rows(FACETS, lambda d: d.pop(0)),
        "a_facet_counts_what_the_list_gives rows_without_a_value_are_counted_as_null",
    ),
    (
        "the total of a facet is one too many",
        document(FACETS, lambda f: f.update(total=f["total"] + 1)),
        "the_total_of_a_facet_is_that_of_the_list",
    ),
    (
        "facets do not hear filters",
        without("section", path=FACETS),
        "a_facet_counts_under_the_filters the_total_of_a_facet_is_that_of_the_list",
    ),
    (
        "null is not counted",
        rows(
            FACETS, lambda d: d.__setitem__(slice(None), [b for b in d if b["value"] is not None])
        ),
        "rows_without_a_value_are_counted_as_null",
    ),
    ("the rarest comes first", rows(FACETS, swapped), "the_most_frequent_value_comes_first"),
    # lineages
    (
        "a plan is compared with itself",
        instead(422, 200, r"/v1/plans/[^/]*/comparison"),
        "a_plan_is_compared_with_an_earlier_one",
    ),
    (
        "a lineage leaves its own row out",
        document(r"/v1/.*/lineage", lambda found: found["lineage"].pop(0)),
        "nothing_is_lost_between_the_years",
    ),
    # searches
    (
        "a single character finds nothing",
        rows(TASKS, list.clear, "q=(%..){3}(&|$)"),
        "a_task_is_found_by_words_of_its_title",
    ),
    (
        "words are found as they are written",
        answer(literal, TASKS, "(^|&)q="),
        "a_task_is_found_in_either_script",
    ),
    ("one of the words will do", value("q", lambda v: v.split(" ")[0]), "all_words_must_match"),
    ("a phrase finds nothing", rows(TASKS, list.clear, "q=%22"), "what_is_quoted_is_one_word"),
    ("% is a wildcard", without("q", path=TASKS, has="q=%25"), "signs_are_only_characters"),
    (
        "a quote breaks the search",
        answer(lambda s: setattr(s, "status", 500), TASKS, "q=a%22"),
        "signs_are_only_characters",
    ),
    (
        "q forgets the other filters",
        without("section", path=TASKS, has="q="),
        "q_and_a_filter_mean_and",
    ),
    (
        "search finds a task less",
        rows(SEARCH, drop, "kind=task"),
        "search_finds_what_the_lists_find",
    ),
    (
        "a hit leads elsewhere",
        row(SEARCH, lambda h: h.update(href="/v1")),
        "search_finds_what_the_lists_find",
    ),
    (
        "matches are one off",
        row(
            SEARCH,
            lambda h: h["snippet"].update(matches=[one_off(m) for m in h["snippet"]["matches"]]),
        ),
        "a_snippet_shows_where_the_words_are",
    ),
    ("the worst hits come first", rows(SEARCH, swapped), "the_best_hits_come_first"),
    ("search does not hear kind", without("kind", path=SEARCH), "search_takes_its_filters"),
    (
        "a hit of page 2 is dropped",
        rows(SEARCH, drop, "cursor="),
        "a_walk_through_the_hits_gives_each_once",
    ),
]
