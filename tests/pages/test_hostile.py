"""What others write is text, wherever it is shown."""

from collections.abc import Iterator

import pytest

from app.pages.filters import marked, side, web_link
from tests.support import PLAN
from tests.support.databases import Databases
from tests.support.pages import links, parsed, words
from tests.support.practice import TASK, Service, practising

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</script><script>alert(1)</script>",
    "ב\u200fא (x)",
    "{{ 7 * 7 }}{% raw %}",
    "javascript:alert(1)",
    ' href="/tasks/x" src="/x',
    "x" * 5000,
)


@pytest.fixture(scope="module")
def service(on_sqlite: Databases) -> Iterator[Service]:
    with on_sqlite.loaded() as url, practising(url, root_path="/prefix") as alive:
        for text in HOSTILE:
            evidence = [{"url": "https://example.gov.cn/?a=\"'<b>", "title": text[:200]}]
            made = alive.assess(
                findings=text, method=text[:1000], assessor=text[:100], grade=text[:20]
            )
            assert made.status_code == 201, made.text
            made = alive.publish(title=text[:200], body=text, evidence=evidence)
            assert made.status_code == 201, made.text
        measured = {"value": 2, "unit": "个"}
        alive.now = alive.now.replace(hour=20)
        for day, text in enumerate(HOSTILE, 1):
            at = f"2022-06-{day:02}"
            assert alive.report(as_of=at, summary=text[:1000]).status_code == 201
            made = alive.post(
                f"/v1/targets/{TASK}-k1/measurements",
                {**measured, "as_of": at, "method": text[:1000]},
            )
            assert made.status_code == 201, made.text
            made = alive.post(f"/v1/tasks/{TASK}/milestones", {"title": text[:200], "due_on": at})
            assert made.status_code == 201, made.text
        yield alive


PAGES = (
    f"/tasks/{TASK}",
    f"/tasks/{TASK}?lang=en",
    f"/tasks/{TASK}?lang=zh-Hant",
    "/agencies/gd-government-data",
    "/assessments",
    "/bulletins",
    "/changes",
    f"/tasks/{TASK}/history",
    *(f"/compare?a={TASK}-r{n}&b={TASK}-r{n + 1}" for n in range(1, len(HOSTILE))),
    f"/monitoring?plan={PLAN}",
    "/targets",
    "/",
    *(f"/bulletins/{PLAN}-b{n}" for n in range(1, len(HOSTILE) + 1)),
    *(f"/assessments/{PLAN}-a{n}" for n in range(1, len(HOSTILE) + 1)),
)


@pytest.mark.parametrize("path", PAGES)
def test_what_was_reported_is_text(service: Service, path: str) -> None:
    answer = service.client.get(path)
    assert answer.status_code == 200, answer.text
    page = parsed(answer.text)
    scripts = page.xpath('//script[not(@type="application/ld+json")]')
    assert [script.get("src", "").startswith("/prefix/assets/") for script in scripts] == [True]
    assert not page.xpath('//@*[starts-with(name(), "on")]')
    assert not [image for image in page.xpath("//img") if "/qr.svg" not in image.get("src")]
    for link in links(answer.text):
        assert link.startswith(("/prefix/", "#", "https://example.gov.cn/")), link


def test_what_was_reported_is_shown_unchanged(service: Service) -> None:
    shown = words(service.client.get(f"/tasks/{TASK}").text)
    assert [text for text in HOSTILE if text[:1000] not in shown] == []


def test_what_reverses_text_is_refused(service: Service) -> None:
    assert service.report(summary="\u202e逆").status_code == 422


def test_a_text_that_ends_a_script_element_does_not_end_json_ld(service: Service) -> None:
    hostile = "/search?q=" + "%3C/script%3E%3Cb%3Ea"
    answer = service.client.get(hostile)
    assert answer.status_code == 200
    assert not parsed(answer.text).xpath("//b[text()='a']")


def test_only_web_addresses_are_links() -> None:
    assert web_link("https://example.gov.cn/a?b=1")
    for url in (
        "javascript:alert(1)",
        "JaVaScRiPt:x",
        "data:text/html,x",
        "//x",
        "https://",
        "http://[x",
    ):
        assert web_link(url) is None


def test_marks_that_overlap_or_exceed_the_text_stay_inside_it() -> None:
    places = [{"start": 2, "end": 5}, {"start": 0, "end": 3}, {"start": 4, "end": 99}]
    assert marked("<bcdef", places, 0) == "<mark>&lt;bc</mark><mark>de</mark><mark>f</mark>"
    assert marked("abc", [{"start": 10, "end": 12}], 9) == "a<mark>bc</mark>"
    assert marked("abc", [{"start": 1, "end": 4}], 9) == "abc"


def test_one_side_of_a_difference_is_text_in_our_own_elements() -> None:
    part = {"op": "inserted", "a": {"start": 1, "end": 1}, "b": {"start": 0, "end": 3}}
    assert side("<b>", [part], "b") == "<ins>&lt;b&gt;</ins>"
    assert side("<b>", [part], "a") == ""
    assert side("<b>", [], "a") == "&lt;b&gt;"
