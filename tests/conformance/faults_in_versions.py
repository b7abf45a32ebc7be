"""What versions, past days and comparisons say."""

from tests.conformance.faults import Fault, document, forgiving, header, instead, rows

VERSIONS = r"/v1/.*/versions"
COMPARE = "/v1/compare"

FAULTS: list[tuple[str, Fault, str]] = [
    (
        "versions are listed from the first",
        rows(VERSIONS, lambda data: data.reverse()),
        "versions_lead_to_the_current_document",
    ),
    (
        "a version says that it is the next",
        document(rf"{VERSIONS}/\d+", lambda d: d.update(version=d["version"] + 1)),
        "each_version_says_which_it_is",
    ),
    ("a day is not heard", forgiving("at"), "days_are_those_that_the_service_knows"),
    (
        "a past day is revalidated",
        header("cache-control", "public, max-age=60", r"/v1/tasks/[^/]+"),
        "a_past_day_is_immutable",
    ),
    ("either order is a comparison", instead(308, 200, COMPARE), "a_comparison_has_one_order"),
    (
        "a comparison finds nothing",
        document(COMPARE, lambda d: d["differences"].clear()),
        "differences_make_up_both_texts",
    ),
    (
        "a part of a text is left out",
        document(COMPARE, lambda d: [one["diff"].pop() for one in d["differences"] if one["diff"]]),
        "differences_make_up_both_texts",
    ),
]  # fmt: skip
