"""Every failure is a problem document that says what would be right."""

import pytest
from sqlalchemy import text
from starlette.routing import Match, Route
from starlette.testclient import TestClient
from starlette.types import Scope

from app.db.engine import READ_ONLY
from app.main import create_app
from app.middleware.requests import allowed_methods
from app.reading.cursors import write_cursor
from app.settings import Settings
from tests.support import ONE_FORM, PLAN


def assert_problem(answer: object, status: int) -> dict[str, object]:
    assert answer.status_code == status, answer.text  # type: ignore[attr-defined]
    assert answer.headers["content-type"] == "application/problem+json"  # type: ignore[attr-defined]
    problem: dict[str, object] = answer.json()  # type: ignore[attr-defined]
    assert set(problem) == {
        "type", "title", "status", "detail", "instance", "request_id", "errors",
    }  # fmt: skip
    assert problem["status"] == status
    assert problem["request_id"] == answer.headers["x-request-id"]  # type: ignore[attr-defined]
    return problem


@pytest.mark.parametrize(
    ("path", "name", "allowed"),
    [
        ("/v1/tasks?agnecy=x", "agnecy", ["agency", "agency_kind"]),
        ("/v1/tasks/gd-dg-2022-t1?x=1", "x", ["at", "lang"]),
        ("/v1/tasks?limit=1&limit=2", "limit", None),
        ("/v1/tasks?limit=0", "limit", None),
        ("/v1/tasks?limit=1001", "limit", None),
        ("/v1/tasks?limit=1.0", "limit", None),
        ("/v1/tasks?limit=%201", "limit", None),
        ("/v1/tasks?limit=1_0", "limit", None),
        ("/v1/tasks?limit=%D9%A1", "limit", None),
        ("/v1/tasks?limit=99999999999999999999", "limit", None),
        ("/v1/tasks?limit=", "limit", None),
        ("/v1/tasks?leaf=1", "leaf", ["true", "false"]),
        ("/v1/tasks?leaf=True", "leaf", ["true", "false"]),
        ("/v1/tasks?status=done", "status", ["not_reported", "not_started", "on_track"]),
        ("/v1/targets?attainment=1", "attainment", ["not_reported", "below", "met"]),
        ("/v1/tasks?role=boss", "role", ["lead", "responsible", "support", "guide"]),
        ("/v1/tasks?agency=", "agency", None),
        ("/v1/tasks?agency=%00", "agency", None),
        ("/v1/tasks?agency=公安局", "agency", ["公安厅", "省公安厅"]),
        ("/v1/tasks?agency=GD-PUBLIC-SECURITY", "agency", ["gd-public-security"]),
        ("/v1/tasks?plan=gd-dg-2021", "plan", ["gd-dg-2022"]),
        ("/v1/tasks?section=gd-dg-2022-s9", "section", None),
        ("/v1/tasks?parent=gd-dg-2022-t99", "parent", []),
        ("/v1/tasks?platform=粤政", "platform", None),
        ("/v1/tasks?place=北京", "place", []),
        ("/v1/tasks?changed_since=2022-02-28", "changed_since", None),
        ("/v1/tasks?changed_since=9999-99-99T00:00:00Z", "changed_since", None),
        ("/v1/tasks?sort=relevance", "sort", None),
        ("/v1/plans?year=9223372036854775808", "year", None),
        ("/v1/plans?year=99999999", "year", None),
        ("/v1/plans?year=2022.0", "year", None),
        ("/v1/targets?due_from=0", "due_from", None),
        ("/v1/targets?due_from=2022-02-30", "due_from", None),
        ("/v1/targets?due_from=20220228", "due_from", None),
        ("/v1/targets?unit=斤", "unit", None),
        ("/v1/agencies?name=公安局", "name", ["公安厅", "省公安厅"]),
        ("/v1/plans/gd-dg-2022/text?format=pdf", "format", ["json", "text"]),
    ],
)
def test_what_does_not_fit_is_named(
    client: TestClient, path: str, name: str, allowed: list[str] | None
) -> None:
    problem = assert_problem(client.get(path), 422)
    errors = problem["errors"]
    assert isinstance(errors, list)
    assert [error["name"] for error in errors] == [name]
    if allowed:
        assert errors[0]["allowed"][: len(allowed)] == allowed
    elif allowed == []:  # nothing is near
        assert errors[0]["allowed"] == []
    assert errors[0]["message"]


@pytest.mark.parametrize(
    ("of", "limit"),
    [("/v1/tasks?limit=", 1000), ("/v1/plans?year=", 2999), ("/v1/changes?after=", 999_999_999),
     ("/v1/audit/checkpoints?limit=", 1000), (f"/v1/plans/{PLAN}/text/boxes?start=0&end=", 999_999_999)],
)  # fmt: skip
@pytest.mark.parametrize("value", ["9999999999", str(2**53), str(2**63), "9" * 5000])
def test_an_integer_of_any_length_that_is_too_large_is_told_its_limit(
    client: TestClient, of: str, limit: int, value: str
) -> None:
    problem = assert_problem(client.get(of + value), 422)
    assert problem["errors"][0]["message"] == f"不得大于 {limit}。"  # type: ignore[index]


def test_near_names_are_looked_for_beside_the_wrong_one(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not among all names, which may be a million."""
    monkeypatch.setattr("app.reading.names.MOST_SUGGESTED_FROM", 2)
    problem = assert_problem(client.get("/v1/agencies?name=公安局&lang=zh-Hans"), 422)
    assert isinstance(problem["errors"], list)
    assert "公安厅" in problem["errors"][0]["allowed"]


def test_what_takes_too_long_is_stopped_and_says_so(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.db.engine.LONGEST_STATEMENT", 0.2)
    monkeypatch.setattr("app.db.engine.PROGRESS_STEPS", 1)
    monkeypatch.setattr("app.db.engine.READ_ONLY", READ_ONLY.replace("5000", "200"))
    count = "SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9000000"
    slow = f"WITH RECURSIVE n(i) AS ({count}) SELECT max(i) FROM n"  # noqa: S608
    monkeypatch.setattr("app.reading.names._lookup_statement", lambda filters: text(slow))
    app = create_app(Settings(database_url=database_url))
    with TestClient(app, raise_server_exceptions=False) as client:
        problem = assert_problem(client.get("/v1/tasks?agency=公安厅"), 503)
        assert "筛选" in str(problem["detail"])
        assert client.get("/v1/tasks?limit=1").status_code == 200


def test_all_mistakes_are_told_at_once(client: TestClient) -> None:
    problem = assert_problem(client.get("/v1/tasks?limit=x&leaf=x&role=x"), 422)
    assert isinstance(problem["errors"], list)
    assert {error["name"] for error in problem["errors"]} == {"limit", "leaf", "role"}


@pytest.mark.parametrize("path", ["/v1/tasks?agency=%ff", "/v1/tasks?x=%zz", "/v1/tasks/%C0%AF"])
def test_what_cannot_be_decoded_is_400(client: TestClient, path: str) -> None:
    assert_problem(client.get(path), 400)


@pytest.mark.parametrize(
    "path",
    ["/v1/nothing", "/v1/nothing/", "/v1/tasks//", "/v1/tasks/gd-dg-2022-t99", "/v1/tasks/GD-DG-2022-T1",
     "/v1/plans/x/text", "/v1/tasks/%00", "/v1/tasks/%F0%9F%98%80", "/problems/nothing",
     f"/v1/tasks/{'x' * 5000}"],
)  # fmt: skip
def test_what_is_not_there_is_404(client: TestClient, path: str) -> None:
    assert_problem(client.get(path), 404)


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/v1/tasks/", "/v1/tasks"),
        ("/v1/tasks/?agency=%E7%9C%81&x=1", "/v1/tasks?agency=%E7%9C%81&x=1"),
        ("/v1/tasks/a%2Db/", "/v1/tasks/a%2Db"),
        ("/v1/", "/v1"),
        ("/docs/", "/docs"),
        ("/v1/tasks/gd-dg-2022-t1/reports/", "/v1/tasks/gd-dg-2022-t1/reports"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_a_slash_too_many_leads_to_the_path_without_it(
    client: TestClient, path: str, location: str, method: str
) -> None:
    answer = client.request(method, path, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (308, location)
    assert answer.content == b""


@pytest.mark.parametrize(
    "path", ["//evil.example/", "//evil.example/v1/tasks/", "/v1//evil/", "/x//"]
)
def test_a_slash_too_many_leads_to_no_other_host(client: TestClient, path: str) -> None:
    answer = client.get(f"http://testserver{path}", follow_redirects=False)
    assert answer.status_code == 404
    assert "location" not in answer.headers


@pytest.mark.parametrize("path", ["/v1", "/v1/tasks", "/v1/tasks/gd-dg-2022-t1", "/readyz"])
def test_head_is_get_without_a_body(client: TestClient, path: str) -> None:
    get, head = client.get(path), client.head(path)
    assert head.status_code == 200
    assert head.content == b""
    ignored = {"date", "x-request-id"}
    assert {k: v for k, v in head.headers.items() if k not in ignored} == {
        k: v for k, v in get.headers.items() if k not in ignored
    }


def test_other_methods_are_refused_with_an_exact_allow(client: TestClient) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        answer = client.request(method, "/v1/tasks")
        assert_problem(answer, 405)
        assert answer.headers["allow"] == "GET, HEAD, OPTIONS"
    options = client.options("/v1/tasks/gd-dg-2022-t1")
    assert (options.status_code, options.headers["allow"]) == (204, "GET, HEAD, OPTIONS")
    assert_problem(client.options("/v1/nothing"), 404)


def test_a_path_of_no_route_is_compared_with_each_route_once() -> None:
    compared = []

    class Noting(Route):
        def matches(self, scope: Scope) -> tuple[Match, Scope]:
            compared.append(self.path)
            return super().matches(scope)

    routes = [
        Noting("/things", print, methods=["GET"]),
        Noting("/things", print, methods=["POST"]),
        Noting("/things/withdrawal", print, methods=["POST"]),
    ]

    def allowed(path: str) -> list[str]:
        return allowed_methods(routes, {"type": "http", "method": "DELETE", "path": path})

    assert allowed("/nothing") == []
    assert compared == ["/things", "/things", "/things/withdrawal"]
    assert allowed("/things") == ["GET", "HEAD", "POST", "OPTIONS"]
    assert allowed("/things/withdrawal") == ["POST", "OPTIONS"]


def test_formats_that_are_not_there_are_406(client: TestClient) -> None:
    path = "/v1/tasks"
    problem = assert_problem(client.get(path, headers={"Accept": "image/png"}), 406)
    assert isinstance(problem["errors"], list)
    assert "application/json" in problem["errors"][0]["allowed"]
    for accept in ("*/*", "application/*;q=0.1", "text/html, application/json;q=0.5", ""):
        assert client.get("/v1/tasks", headers={"Accept": accept}).status_code == 200
    assert_problem(client.get(path, headers={"Accept": "*/*;q=0"}), 406)


@pytest.mark.parametrize("accept", ONE_FORM)
@pytest.mark.parametrize(
    "path",
    ["/v1", "/v1/plans/gd-dg-2022", "/v1/tasks/gd-dg-2022-t1", "/v1/changes", "/v1/search?q=数据",
     "/v1/monitoring?plan=gd-dg-2022", "/openapi.yaml", "/openapi.json", "/docs", "/problems",
     "/livez", "/docs/assets/swagger-ui.css"],
)  # fmt: skip
def test_what_has_one_form_is_given_whatever_is_accepted(
    client: TestClient, path: str, accept: str
) -> None:
    answer = client.get(path, headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == client.get(path).headers["content-type"]


def test_files_of_the_docs_can_only_be_read(client: TestClient) -> None:
    path = "/docs/assets/swagger-ui.css"
    assert client.options(path).headers["allow"] == "GET, HEAD, OPTIONS"
    refused = client.post(path)
    assert_problem(refused, 405)
    assert refused.headers["allow"] == "GET, HEAD, OPTIONS"
    assert client.get(path, headers={"Range": "bytes=abc"}).status_code == 200
    assert_problem(client.get("/docs/assets/none.css"), 404)


def test_an_unknown_name_is_told_without_what_turns_text_around(client: TestClient) -> None:
    problem = assert_problem(client.get("/v1/tasks?a%E2%80%AEb%EF%B7%90%00c=1"), 422)
    assert [error["name"] for error in problem["errors"]] == ["abc"]  # type: ignore[attr-defined]


def test_thousands_of_mistakes_are_not_all_told(client: TestClient) -> None:
    answer = client.get("/v1/tasks?" + "&".join(f"p{n}=1" for n in range(1500)))
    problem = assert_problem(answer, 422)
    assert isinstance(problem["errors"], list)
    assert len(problem["errors"]) == 20
    many = client.get("/v1/tasks?" + "&".join("role=x" for _ in range(900)))
    assert len(assert_problem(many, 422)["errors"]) == 20  # type: ignore[arg-type]


def test_problems_speak_english_where_that_is_preferred(client: TestClient) -> None:
    english = client.get("/v1/tasks?limit=0", headers={"Accept-Language": "en-GB, zh;q=0.5"})
    assert english.headers["content-language"] == "en"
    assert english.json()["errors"][0]["message"] == "It must be at least 1."
    chinese = client.get("/v1/tasks?limit=0", headers={"Accept-Language": "en;q=0.1, zh-CN"})
    assert chinese.headers["content-language"] == "zh-Hans"
    assert chinese.json()["errors"][0]["message"] == "不得小于 1。"


def test_every_kind_of_problem_has_its_page(client: TestClient) -> None:
    kinds = {client.get(path).json()["type"] for path in ("/x", "/v1/tasks?x=1", "/v1?q=%ff")}
    assert len(kinds) == 3
    for kind in kinds:
        page = client.get(kind)
        assert page.status_code == 200
        assert kind in page.text


def test_every_flipped_character_of_a_cursor_is_refused(client: TestClient) -> None:
    cursor = client.get("/v1/tasks?limit=5").json()["page"]["next"]
    for place in range(len(cursor)):
        for other in ("A", "_", "~"):
            changed = cursor[:place] + other + cursor[place + 1 :]
            if changed != cursor:
                answer = client.get("/v1/tasks", params={"limit": 5, "cursor": changed})
                assert_problem(answer, 422)
    for changed in (cursor + "A", cursor[:-1], "A", "=", "0" * 2000, "汉字"):
        assert_problem(client.get("/v1/tasks", params={"cursor": changed}), 422)


@pytest.mark.parametrize("path", ["/v1/tasks", "/v1/changes", "/v1/search?q=数"])
def test_a_cursor_may_be_as_long_as_a_title_makes_it(client: TestClient, path: str) -> None:
    cursor = write_cursor(["长" * 400, 1], b"")
    assert 200 < len(cursor) <= 2000
    problem = assert_problem(client.get(f"{path}{'&' if '?' in path else '?'}cursor={cursor}"), 422)
    assert problem["type"] == "/problems/invalid-cursor"  # of another list, and not too long
    assert_problem(client.get("/v1/tasks", params={"cursor": "A" * 2001}), 422)


def test_a_cursor_of_other_filters_is_refused(client: TestClient) -> None:
    cursor = client.get("/v1/tasks?limit=5").json()["page"]["next"]
    for query in ("leaf=true", "sort=code", "agency=公安厅"):
        problem = assert_problem(client.get(f"/v1/tasks?{query}&cursor={cursor}"), 422)
        assert problem["type"] == "/problems/invalid-cursor"
    assert client.get(f"/v1/tasks?limit=50&cursor={cursor}").status_code == 200
    assert_problem(client.get(f"/v1/targets?cursor={cursor}"), 422)


def test_a_database_that_is_not_there_is_503(tmp_path: object) -> None:
    app = create_app(Settings(database_url=f"sqlite:///{tmp_path}/missing/workplan.db"))
    with TestClient(app, raise_server_exceptions=False) as client:
        for path in ("/v1/tasks", "/readyz"):
            answer = client.get(path)
            assert_problem(answer, 503)
            assert answer.headers["retry-after"] == "2"


def test_a_bug_says_nothing_of_the_inside(client: TestClient) -> None:
    app = create_app(Settings(database_url="sqlite://"))

    @app.get("/broken")
    async def broken() -> None:
        raise RuntimeError("secret")

    with TestClient(app, raise_server_exceptions=False) as broken_client:
        problem = assert_problem(broken_client.get("/broken"), 500)
        assert "secret" not in str(problem)


@pytest.mark.parametrize(
    ("parameter", "wrong", "right"),
    [
        ("agency", "省能源局x", "省能源局"),
        ("agency", "省财政局", "省财政厅"),
        ("agency", "省後勤與財政廳", "省财政厅"),
        ("platform", "粤商通吧", "粤商通"),
        ("place", "广洲市", "广州市"),
    ],
)
def test_near_names_are_told_as_they_are_written(
    client: TestClient, parameter: str, wrong: str, right: str
) -> None:
    known = {
        name
        for resource in ("agencies", "platforms")
        for row in client.get(f"/v1/{resource}?limit=1000").json()["data"]
        for name in (row["id"], row["name"], row.get("official_name"), *row.get("aliases", ()))
    }
    refused = client.get("/v1/tasks", params={parameter: wrong}).json()
    allowed = refused["errors"][0]["allowed"]
    assert right in allowed
    assert right in refused["errors"][0]["message"]
    if parameter == "agency":
        assert set(allowed) <= known
