import gzip
import re
from collections.abc import Iterator
from urllib.parse import unquote_plus

import pytest
from starlette.testclient import TestClient

from app.main import create_app
from app.pages.english import ENGLISH
from app.pages.filters import day
from app.pages.rendering import MOST_PARAMETERS
from app.settings import Settings
from tests.support import PLAN, ROOT
from tests.support.databases import Databases
from tests.support.pages import PAGES, links, parsed, words
from tests.support.practice import REPORTS, Service, a_report, practising

TEMPLATES = sorted((ROOT / "app/pages/templates").glob("*.*"))
STYLE = ROOT / "app/pages/static/style.css"
TASK = f"/tasks/{PLAN}-t17.2"
COMPARE = f"/compare?a={PLAN}-t17.1&b={PLAN}-t17.2"
QUOTE = "平台月均活跃用户超过200万"


@pytest.fixture(scope="module")
def service(databases: Databases) -> Iterator[Service]:
    with databases.loaded() as url, practising(url) as alive:
        yield alive


def compressed(path: str, client: TestClient) -> int:
    return len(gzip.compress(client.get(path).content, 6))


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_whole_in_three_languages_and_asks_no_other_host(
    client: TestClient, path: str
) -> None:
    for language in ("zh-Hans", "zh-Hant", "en"):
        joint = "&" if "?" in path else "?"
        answer = client.get(f"{path}{joint}lang={language}")
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.headers["content-language"] == language
        if "about=" in path:  # a form is valid for a day
            assert answer.headers["cache-control"] == "no-store"
        else:
            cached = "public, max-age=60, stale-while-revalidate=600"
            assert answer.headers["cache-control"] == cached
            assert answer.headers["vary"] == "Accept-Encoding"
            assert answer.headers["etag"].startswith('"')
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        page = parsed(answer.text)
        assert page.get("lang") == language
        assert len(page.xpath("//h1")) == 1
        assert not page.xpath("//@style | //@onclick")
        assert all(link.startswith(("/", "#")) for link in links(page))


def test_the_language_of_a_page_is_that_of_its_url_alone(client: TestClient) -> None:
    plain = client.get(TASK)
    asked = client.get(TASK, headers={"Accept-Language": "zh-Hant, en"})
    assert plain.text == asked.text
    hant = client.get(f"{TASK}?lang=zh-Hant").text
    assert "平臺月均活躍用戶超過200萬" in words(hant)
    assert "自動轉換" in words(hant)
    assert all(
        "lang=zh-Hant" in link
        for link in links(hant)
        if link.startswith(("/tasks/", "/agencies/", "/plans/")) and "lang=" not in link
    )


def test_what_was_received_is_not_converted(client: TestClient) -> None:
    """It is in Traditional with errors of its own, which are what is shown."""
    text = f"/plans/{PLAN}/text"
    raw = {one["raw"] for one in client.get(f"/v1{text}").json()["corrections"]}
    for language in ("zh-Hans", "zh-Hant"):
        page = parsed(client.get(f"{text}?lang={language}").text)
        shown = {cell.text_content() for cell in page.xpath('//td//*[@translate="no"]')}
        assert shown == raw


def test_every_text_of_the_frame_has_its_english_and_no_other_is_listed() -> None:
    templates = "".join(path.read_text() for path in TEMPLATES)
    called = set(re.findall(r'\bt\("([^"]+)"', templates))
    quoted = set(re.findall(r'"([^"{}<>]*[\u4e00-\u9fff][^"{}<>]*)"', templates))
    assert called - set(ENGLISH) == set()
    assert set(ENGLISH) - called - quoted == set()
    for chinese, in_english in ENGLISH.items():
        assert set(re.findall(r"{\w+}", chinese)) == set(re.findall(r"{\w+}", in_english))


@pytest.mark.parametrize("path", [path for path in PAGES if path != "/states"])
def test_in_english_only_words_of_a_notice_are_chinese_and_they_are_marked(
    client: TestClient, path: str
) -> None:
    page = parsed(client.get(f"{path}{'&' if '?' in path else '?'}lang=en").text)
    for element in page.body.iter():
        if not isinstance(element.tag, str) or element.tag == "script":
            continue
        own = [(element.text, "ancestor-or-self::*/@lang"), (element.tail, "ancestor::*/@lang")]
        for text, languages in own:
            if re.search(r"[\u4e00-\u9fff]", re.sub("“.*”", "", text or "")):  # printed as “…”
                assert [*element.xpath(languages)][-1].startswith("zh"), (element.tag, text)


def test_in_english_names_and_labels_of_the_service_are_english(service: Service) -> None:
    assert service.post(REPORTS, a_report()).status_code == 201
    for path in (f"{TASK}/history", f"/compare?a={PLAN}-t17.2@1&b={PLAN}-t17.2@2"):
        page = service.client.get(f"{path}{'&' if '?' in path else '?'}lang=en").text
        (table,) = parsed(page).xpath("//table/tbody")
        assert "rogress" in table.text_content()
        assert not re.search(r"[\u4e00-\u9fff]", table.text_content())
    listed = parsed(service.client.get("/tasks?lang=en").text)
    shown = listed.xpath('//h2[.="Progress" or .="Status"]/following-sibling::ul[1]//a')
    assert {"Not reported", "On track"} <= {link.text_content() for link in shown}


def test_one_of_a_kind_is_not_plural_in_english(client: TestClient) -> None:
    """147 platforms are in one task."""
    for path in PAGES:
        page = client.get(f"{path}{'&' if '?' in path else '?'}lang=en").text
        assert not re.search(
            r"\b1 (?:tasks|targets|items|agencies|plans|results|times)\b", words(page)
        )
    assert "1 task" in words(client.get("/platforms?lang=en").text)


def test_templates_and_the_style_sheet_are_short() -> None:
    assert {path.name for path in TEMPLATES if len(path.read_text().splitlines()) > 150} == set()
    assert len(STYLE.read_bytes()) <= 12 * 1024


def test_pages_are_light(client: TestClient) -> None:
    style = len(gzip.compress(STYLE.read_bytes(), 6))
    assert compressed(f"/plans/{PLAN}", client) + style <= 20 * 1024
    assert compressed(TASK, client) <= 4 * 1024


def test_a_page_is_revalidated_like_json(client: TestClient) -> None:
    first = client.get(TASK)
    assert client.get(TASK).headers["etag"] == first.headers["etag"]
    again = client.get(TASK, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    head = client.head(TASK)
    assert head.headers["etag"] == first.headers["etag"]
    assert head.headers["content-length"] == first.headers["content-length"]
    assert not head.content


JSON_OF = {
    f"/plans/{PLAN}": (
        f"plans/{PLAN}",
        f"sections?plan={PLAN}&limit=1000",
        f"tasks?plan={PLAN}&limit=1000",
        f"targets?plan={PLAN}&limit=1000",
        "plans?series=gd-digital-government",
    ),
    TASK: (
        f"tasks/{PLAN}-t17.2",
        f"tasks/{PLAN}-t17.2/lineage",
        f"plans/{PLAN}",
        f"plans/{PLAN}/text?format=text",
        f"plans/{PLAN}/text/boxes?start=0&end=1",
        f"assessments?plan={PLAN}&agency=gd-government-data",
        f"milestones?task={PLAN}-t17.2",
        f"reports?task={PLAN}-t17.2",
        f"measurements?task={PLAN}-t17.2",
    ),
    "/agencies/gd-government-data": (
        "agencies/gd-government-data",
        "tasks?agency=gd-government-data",
        "targets?agency=gd-government-data",
        "reports?agency=gd-government-data",
        "assessments?agency=gd-government-data",
    ),
    "/search?q=数据": ("search?q=数据",),
    "/jurisdictions/440000": (
        "jurisdictions/440000",
        "jurisdictions/100000",
        "plans?jurisdiction=440000",
        "agencies?jurisdiction=440000",
    ),
    f"/plans/{PLAN}/reading": (f"plans/{PLAN}",),
    f"{TASK}/history": (
        f"tasks/{PLAN}-t17.2",
        f"tasks/{PLAN}-t17.2/lineage",
        f"tasks/{PLAN}-t17.2/versions",
    ),
    COMPARE: (COMPARE.removeprefix("/"),),
    "/errors": ("error-reports?limit=50",),
    f"/errors?about=tasks/{PLAN}-t17.2": (
        f"tasks/{PLAN}-t17.2",
        f"plans/{PLAN}",
        f"plans/{PLAN}/text?format=text",
    ),
    f"/monitoring?plan={PLAN}&as_of=2022-10-01": (
        "plans?limit=100",
        f"monitoring?plan={PLAN}&as_of=2022-10-01",
        f"tasks?plan={PLAN}&limit=1",  # of the quarters before, whatever their number
        f"reports?plan={PLAN}&limit=1",
    ),
    **{
        f"/monitoring/agencies.{suffix}?plan={PLAN}&as_of=2022-10-01": (
            "plans?limit=100",
            f"monitoring?plan={PLAN}&as_of=2022-10-01",
        )
        for suffix in ("svg", "csv")
    },
}


@pytest.mark.parametrize("path", JSON_OF)
def test_a_page_takes_no_more_statements_than_the_json_of_its_data(
    uncached: TestClient, statements: list[str], path: str
) -> None:
    for one in JSON_OF[path]:
        assert uncached.get(f"/v1/{one}").status_code in (200, 404)  # of a government without plans
    of_json = len(statements)
    statements.clear()
    assert uncached.get(path).status_code == 200
    assert 0 < len(statements) <= of_json


def test_the_words_of_a_task_are_shown_at_their_place_in_the_notice(client: TestClient) -> None:
    page = parsed(client.get(TASK).text)
    quote = page.xpath("//blockquote")[0]
    assert QUOTE in [mark.text for mark in quote.xpath(".//mark")]
    text = client.get(f"/v1/plans/{PLAN}/text?format=text").text
    assert quote.text_content().strip("…") in text
    (full,) = [link for link in links(client.get(TASK).text) if "/text?" in link]
    selected = parsed(client.get(full).text).xpath('//mark[@id="span"]')[0]
    assert QUOTE in selected.text_content()


def test_each_task_and_section_has_an_anchor_in_its_plan_and_in_the_text(
    client: TestClient,
) -> None:
    tasks = client.get(f"/v1/tasks?plan={PLAN}&limit=1000").json()["data"]
    sections = client.get(f"/v1/sections?plan={PLAN}").json()["data"]
    on_plan = parsed(client.get(f"/plans/{PLAN}").text).xpath("//@id")
    assert {one["id"] for one in (*tasks, *sections)} <= set(on_plan)
    assert len(on_plan) == len(set(on_plan))
    page = parsed(client.get(f"/plans/{PLAN}/text").text)
    text = client.get(f"/v1/plans/{PLAN}/text?format=text").text
    for task in tasks:
        start, end = task["span"]["start"], task["span"]["end"]
        assert page.get_element_by_id(task["id"]).text_content() == text[start:end]


def test_spans_that_are_not_of_the_text_select_nothing(client: TestClient) -> None:
    for span in (
        "start=5&end=5",
        "start=-1&end=3",
        "start=1&end=99999999",
        "start=²&end=³",
        "start=1",
    ):
        page = client.get(f"/plans/{PLAN}/text?{span}")
        assert page.status_code == 200
        assert 'id="span"' not in page.text


def test_a_derived_date_is_marked_as_derived(client: TestClient) -> None:
    rows = parsed(client.get("/targets").text).xpath("//tbody/tr")
    targets = {one["id"]: one for one in client.get("/v1/targets?limit=200").json()["data"]}
    assert len(rows) == len(targets)
    for row in rows:
        derived = targets[row.get("id")]["due_basis"] == "plan_end"
        assert ("推定" in row.text_content()) is derived


@pytest.mark.parametrize(
    "query",
    [
        "jurisdiction=440000",
        "within=440000&kind=quantitative",
        "task=gd-dg-2022-t17.2",
        "year=2021",
    ],
)
def test_targets_of_a_page_are_those_of_its_filters(client: TestClient, query: str) -> None:
    page = parsed(client.get(f"/targets?{query}").text)
    found = client.get(f"/v1/targets?{query}&limit=200").json()["data"]
    assert page.xpath("//tbody/tr/@id") == [one["id"] for one in found]
    hidden = {(one.get("name"), one.get("value")) for one in page.xpath('//input[@type="hidden"]')}
    assert hidden == {tuple(pair.split("=")) for pair in query.split("&")}


def test_an_id_that_is_not_there_leads_to_the_page_of_all(client: TestClient) -> None:
    page = client.get("/tasks/nothing")
    assert page.status_code == 404
    assert "/tasks" in parsed(page.text).xpath('//p[@class="lead"]/a/@href')
    assert "/v1" not in words(page.text)
    deeper = client.get("/tasks/nothing?lang=en")
    assert "/tasks?lang=en" in links(deeper.text)


def test_filters_in_use_have_the_names_of_what_they_filter_by(client: TestClient) -> None:
    asked = f"/tasks?agency=gd-energy&plan={PLAN}&section={PLAN}-s4&status=not_reported&leaf=true"
    shown = [one.text_content() for one in parsed(client.get(asked).text).xpath("//li/b")]
    plan, section = (
        client.get(f"/v1/{path}").json()["title"]
        for path in (f"plans/{PLAN}", f"sections/{PLAN}-s4")
    )
    assert sorted(shown) == sorted(["省能源局", plan, section, "未报告", "是"])


@pytest.mark.parametrize("path", ["/", "/jurisdictions/440000"])
def test_a_number_of_tasks_leads_to_as_many(client: TestClient, path: str) -> None:
    """Items that only group tasks are none of them."""
    total = client.get("/v1").json()["counts"]["tasks"]
    page = client.get(path).text
    assert f"{total} 项任务" in words(page)
    (link, *_) = [link for link in links(page) if link.startswith("/tasks?")]
    assert f"共 {total} 项" in words(client.get(link).text)


def test_an_agency_shows_what_it_must_do_and_where_it_says_so(client: TestClient) -> None:
    found = parsed(client.get("/agencies?name=省能源局").text)
    (agency,) = found.xpath("//tbody//a/@href")
    page = client.get(agency).text
    (task,) = [link for link in links(page) if link.startswith("/tasks/")]
    assert "省能源局" in parsed(client.get(task).text).xpath("//blockquote")[0].text_content()


def test_an_unknown_name_offers_similar_ones(client: TestClient) -> None:
    page = client.get("/agencies?name=能源").text
    assert "/agencies/gd-energy" in [
        link
        for suggestion in links(page)
        if suggestion.startswith("/agencies?name=")
        for link in links(client.get(suggestion).text)
    ]


def test_an_empty_search_offers_words_that_do_occur(client: TestClient) -> None:
    page = client.get("/search?q=能源区块链").text
    offered = [link for link in links(page) if link.startswith("/search?q=") and "&" not in link]
    assert offered
    assert all(client.get(f"/v1{link}").json()["page"]["total"] for link in offered)


def test_hits_are_highlighted_and_lead_to_pages(client: TestClient) -> None:
    page = parsed(client.get("/search?q=省心").text)
    assert {mark.text for mark in page.xpath("//ol//mark")} == {"省心"}
    targets = client.get("/v1/search?q=专题&kind=target").json()["data"]
    assert targets
    for hit in targets:
        address, _, anchor = hit["html_url"].partition("#")
        assert parsed(client.get(address).text).xpath(f'//*[@id="{anchor}"]')


@pytest.mark.parametrize(
    "path", ["/plans/x", "/tasks/x", "/agencies/☃", "/plans/x/text", "/tasks/x/y"]
)
def test_an_error_at_a_page_is_a_page_with_a_search_box(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-store"
    assert parsed(answer.text).xpath('//main//input[@name="q"]')
    api = client.get(f"/v1{path}")
    assert api.headers["content-type"] == "application/problem+json"


def test_a_page_of_mistakes_does_not_repeat_a_long_query(client: TestClient) -> None:
    wrong = "&".join(f"{name}=x" for name in ("level", "kind", "basis", "sort", "lang"))
    query = f"{wrong}&q={'x' * 50_000}"
    answer = client.get(f"/agencies?{query}")
    assert answer.status_code == 422
    assert "/agencies?level=" in answer.text
    assert len(answer.content) < 4 * len(query)


def test_a_wrong_filter_is_explained_on_a_page(client: TestClient) -> None:
    answer = client.get("/tasks?agency=没有的单位&lang=en")
    assert answer.status_code == 422
    assert "agency" in words(answer.text)
    assert client.post("/tasks").status_code == 405


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("agency=公安局", ["公安厅", "省公安厅"]), ("status=done", ["not_reported", "on_track"])],
)
@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
def test_values_that_are_valid_are_links_to_the_same_page(
    client: TestClient, wrong: str, right: list[str], language: str
) -> None:
    answer = client.get(f"/tasks?{wrong}&leaf=true&lang={language}")
    assert answer.status_code == 422
    main = parsed(answer.text).get_element_by_id("main")
    assert "errors" not in main.text_content()
    offered = {unquote_plus(link.split("?")[1]): link for link in main.xpath(".//li/a/@href")}
    name = wrong.partition("=")[0]
    for value in right:
        link = offered[f"leaf=true&lang={language}&{name}={value}"]
        assert client.get(link).status_code == 200


@pytest.mark.parametrize("path", ["/developers", "/tasks", "/monitoring/status.svg"])
def test_a_page_repeats_a_bounded_number_of_parameters(client: TestClient, path: str) -> None:
    most = "&".join(f"z{number}=1" for number in range(MOST_PARAMETERS))
    assert client.get(f"{path}?{most}").status_code == 200
    refused = client.get(f"{path}?{most}&z=1")
    assert refused.status_code == 422
    assert "网页的参数最多 200 个" in refused.text
    assert "z0=1" not in refused.text


def test_behind_a_gateway_every_link_of_a_page_includes_the_prefix(database_url: str) -> None:
    settings = Settings(database_url=database_url, webhook_delivery=False, root_path="/workplan")
    with TestClient(create_app(settings)) as client:
        for path in (f"/plans/{PLAN}", TASK, f"{TASK}?lang=en", "/search?q=数据"):
            found = [link for link in links(client.get(path).text) if not link.startswith("#")]
            assert found
            assert {link for link in found if not link.startswith(settings.prefix)} == set()


def test_with_a_public_url_pages_name_their_own(database_url: str) -> None:
    public = "https://plans.example.gov.cn/api"
    settings = Settings(database_url=database_url, webhook_delivery=False, public_url=public)
    with TestClient(create_app(settings)) as client:
        page = parsed(client.get(f"{TASK}?lang=en").text)
        assert page.xpath('//link[@rel="canonical"]/@href') == [f"{public}{TASK}?lang=en"]
        assert page.xpath('//meta[@property="og:url"]/@content') == [f"{public}{TASK}?lang=en"]
        assert f"{public}{TASK}" in page.get_element_by_id("citation").text_content()
        assert client.get("/v1").json()["html_base"] == public
        link = client.get(f"/v1{TASK}").headers["link"]
        assert link.startswith(f"</api{TASK}>")
        assert f"Sitemap: {public}/sitemap.xml" in client.get("/robots.txt").text


def test_every_link_of_every_page_leads_somewhere(client: TestClient) -> None:
    """Each kind of link once: those that differ in ids and values alone are the same kind."""
    kinds: dict[str, str] = {}
    for path in PAGES:
        for link in links(client.get(path).text):
            kinds.setdefault(re.sub(r"(?<=/)[a-z]+-[\w.-]+|(?<==)[^&#]+|#.*", "", link), link)
    statuses = {
        link: client.get(link.partition("#")[0] or "/").status_code for link in kinds.values()
    }
    assert {link: status for link, status in statuses.items() if status != 200} == {}


def test_assets_are_named_by_their_content_and_cached_for_good(client: TestClient) -> None:
    for link in links(client.get("/").text):
        if link.startswith("/assets/"):
            answer = client.get(link)
            assert "immutable" in answer.headers["cache-control"]
            assert answer.headers["x-content-type-options"] == "nosniff"
    assert client.get("/assets/style.css").status_code == 404
    assert client.get("/favicon.ico").headers["content-type"] == "image/svg+xml"


def test_the_qr_code_is_of_pages_alone(client: TestClient) -> None:
    assert client.get("/qr.svg", params={"path": TASK}).headers["content-type"] == "image/svg+xml"
    for path in (
        "//evil.example/tasks/x",
        "/v1/tasks",
        "https://evil.example",
        "",
        "/tasks/" + "x" * 300,
    ):
        assert client.get("/qr.svg", params={"path": path}).status_code == 404


def test_data_and_pages_name_each_other(client: TestClient) -> None:
    service = client.get("/v1").json()
    assert service["html_base"] == ""
    for kind in (
        "plans", "sections", "tasks", "agencies", "targets", "platforms", "jurisdictions"
    ):  # fmt: skip
        first = client.get(f"/v1/{kind}?limit=1").json()["data"][0]
        address, _, anchor = first["html_url"].partition("#")
        page = parsed(client.get(address).text)
        assert not anchor or page.get_element_by_id(anchor) is not None
        alone = client.get(f"/v1/{kind}/{first['id']}")
        assert alone.headers["link"] == f'<{first["html_url"]}>; rel="alternate"; type="text/html"'
        assert alone.json() == first
        again = client.get(
            f"/v1/{kind}/{first['id']}", headers={"If-None-Match": alone.headers["etag"]}
        )
        assert again.headers["link"] == alone.headers["link"]


def test_only_embeds_may_be_framed(client: TestClient) -> None:
    for path in PAGES:
        policy = client.get(path).headers["content-security-policy"]
        framed = "frame-ancestors *" if path.startswith("/embed/") else "frame-ancestors 'none'"
        assert policy.endswith(framed)
    assert client.get("/embed/monitoring").status_code == 422


@pytest.mark.parametrize("most", [1, 7, 10_000])
def test_the_sitemaps_list_every_page_of_a_thing_once(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr("app.pages.sitemaps.MOST_OF_PART", most)
    robots = client.get("/robots.txt").text
    index = robots.rpartition("Sitemap: ")[2].strip()
    found: list[str] = []
    for sitemap in re.findall("<loc>([^<]+)</loc>", client.get(index).text):
        answer = client.get(sitemap)
        assert answer.headers["content-type"].startswith("application/xml")
        assert "?after=" not in sitemap or answer.text.count("<loc>") <= most
        found += re.findall("<loc>http://testserver([^<]+)</loc>", answer.text)
    assert len(found) == len(set(found))
    for kind in ("agencies", "jurisdictions", "plans", "platforms", "tasks"):
        rows = client.get(f"/v1/{kind}?limit=1000").json()["data"]
        pages = {f"/{kind}/{row['id']}" for row in rows}
        assert pages == {path for path in found if re.fullmatch(f"/{kind}/[^/]+", path)} != set()
        texts = {f"{page}/text" for page in pages if kind == "plans"}
        assert texts <= set(found)
    assert client.get("/sitemaps/nothing.xml").status_code == 404
    assert client.get("/sitemaps/agencies.xml?after=%00").status_code == 404
    assert "<loc>" not in client.get("/sitemaps/agencies.xml?after=~").text


def test_a_page_describes_itself_to_other_programs(client: TestClient) -> None:
    page = parsed(client.get(TASK).text)
    (described,) = page.xpath('//script[@type="application/ld+json"]/text()')
    assert '"@type":"CreativeWork"' in described
    assert page.xpath('//meta[@property="og:title"]/@content')[0].startswith("提高“粤商通”")
    assert not page.xpath('//link[@rel="canonical"]')  # without a public URL its host is unknown
    for link in page.xpath('//link[@rel="alternate"]/@href'):
        assert client.get(link).status_code == 200


@pytest.mark.parametrize("path", [f"{TASK}%ff", "/tasks?agency=%E7%9C", "/search?q=%zz"])
def test_a_path_that_cannot_be_decoded_is_a_page_too(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    json = client.get(f"/v1{path}")
    assert json.headers["content-type"] == "application/problem+json"


def test_scripts_of_other_origins_read_data_and_not_pages(client: TestClient) -> None:
    for path in (TASK, "/", "/errors", "/tasks/none"):
        for method in ("GET", "OPTIONS"):
            headers = {"Origin": "https://a.example", "Access-Control-Request-Method": "GET"}
            answer = client.request(method, path, headers=headers)
            assert not [name for name in answer.headers if name.startswith("access-control")]


def test_a_moment_is_shown_as_its_day_in_china() -> None:
    assert day("2026-03-01T16:30:00Z") == "2026年3月2日"
    assert day("2026-03-01T15:59:59Z", is_english=True) == "1 March 2026"
    assert day("2026-03-01") == "2026年3月1日"


def test_documents_for_developers_lead_back_to_pages(database_url: str) -> None:
    app = create_app(Settings(database_url=database_url, root_path="/gov"))
    with TestClient(app) as client:
        for path in ("/docs", "/problems", "/problems/not-found"):
            assert 'href="/gov/"' in client.get(path).text


def test_monitoring_over_time_is_a_line_with_its_numbers(client: TestClient) -> None:
    def days(path: str) -> list[str]:
        rows = parsed(client.get(path).text).xpath("//h2[.='历程']/following::table[1]/tbody/tr/th")
        return [row.text_content() for row in rows]

    plan = f"/monitoring?plan={PLAN}&as_of="
    assert days(f"{plan}2022-10-01") == [
        "2022年3月31日", "2022年6月30日", "2022年9月30日", "2022年10月1日",
    ]  # fmt: skip
    assert days(f"{plan}2022-03-31") == []  # no quarter is over
    assert len(days(f"{plan}2023-05-05")) == 5
    line = parsed(client.get(f"{plan}2022-10-01").text).xpath("//polyline/@points")[0].split()
    assert [point.split(",")[1] for point in line] == ["12.0"] * 4  # nobody has reported
