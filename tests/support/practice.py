"""Keys and requests for tests that write; everything reported here is made up."""

import base64
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from httpx2 import Response
from lxml import html
from pydantic import SecretStr
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.cli.commands import issue_key
from app.db.engine import open_engine
from app.enums import KeyRole
from app.main import create_app
from app.middleware.counts import InMemory
from app.settings import Settings
from app.writing.keys import server_secret

SECRET = "s" * 32
NOW = datetime(2026, 3, 1, 16, 30, tzinfo=UTC)  # already 2 March in China
TASK = "gd-dg-2022-t17.2"
LEAD = "gd-government-data"
HOME = "440000"
REPORTS = f"/v1/tasks/{TASK}/reports"
ERRORS = "/v1/error-reports"
ASSESSMENTS, BULLETINS, WEBHOOKS = "/v1/assessments", "/v1/bulletins", "/v1/webhooks"
SIGNING_SECRET = "whsec_" + base64.b64encode(b"t" * 32).decode()
numbers = itertools.count()
Holder = tuple[str, str | None, str | None]  # role, agency, jurisdiction


def a_report(**changes: Any) -> dict[str, Any]:
    return {"as_of": "2022-06-30", "status": "on_track", "summary": "试验数据。", **changes}


def an_assessment(**changes: Any) -> dict[str, Any]:
    return {
        "plan": "gd-dg-2022",
        "subject": {"kind": "region", "id": "440300"},
        "period": {"from": "2022-01-01", "to": "2022-06-30"},
        "grade": "试验优秀",
        "findings": "试验数据。",
        "method": "试验：抽查。",
        "assessor": "试验评估机构",
        **changes,
    }


def a_bulletin(**changes: Any) -> dict[str, Any]:
    return {
        "plan": "gd-dg-2022",
        "title": "试验通报",
        "body": "试验数据。",
        "published_on": "2023-02-01",
        **changes,
    }


def a_resolution(**changes: Any) -> dict[str, Any]:
    return {"outcome": "explained", "answer": "试验答复。", **changes}


def send_error(client: TestClient, about: str, message: str, **headers: str) -> Response:
    """Fill in the form for a thing and send it, each time from another address."""
    form = client.get("/errors", params={"about": about})
    assert form.status_code == 200, form.text
    client.app.state.error_senders.counts = InMemory()  # type: ignore[attr-defined]
    page = html.document_fromstring(form.text)
    (action,) = page.xpath("//form[@method='post']/@action")
    (stamp,) = page.xpath("//input[@name='stamp']/@value")
    origin = {"Origin": str(client.base_url)}
    answer: Response = client.post(
        action,
        data={"message": message, "stamp": stamp},
        headers=origin | headers,
        follow_redirects=False,
    )
    return answer


def a_webhook(**changes: Any) -> dict[str, Any]:
    return {
        "url": "https://receiver.example.gov.cn/workplan",
        "events": ["report.created"],
        "secret": SIGNING_SECRET,
        **changes,
    }


def holder(
    role: str = "reporter", agency: str | None = LEAD, jurisdiction: str | None = None
) -> Holder:
    """Who holds a key: reporters have an agency; coordinators and assessors are of Guangdong or elsewhere."""
    if role == "reporter":
        return role, agency, None
    return role, None, jurisdiction or (None if role == "admin" else HOME)


class Service:
    """The service on a database of its own, with a clock that tests set."""

    def __init__(self, url: str, **settings: Any) -> None:
        self.url = url
        self.now = NOW
        given = {"webhook_delivery": False, **settings}
        self.settings = Settings(database_url=url, key_secret=SecretStr(SECRET), **given)
        self.app = create_app(self.settings, clock=lambda: self.now)
        self.client = TestClient(self.app, raise_server_exceptions=False)
        self.keys: dict[Holder, str] = {}
        self.errors = itertools.count(1)  # the same on both databases
        self.engine = open_engine(url)  # a new one asks the database for its version and settings

    def key(
        self,
        role: str = "reporter",
        agency: str | None = LEAD,
        jurisdiction: str | None = None,
        **more: Any,
    ) -> str:
        """A key with this role, issued when it is needed first."""
        whose = role, agency, jurisdiction = holder(role, agency, jurisdiction)
        if more or whose not in self.keys:
            with self.session() as session:
                made = issue_key(
                    session,
                    server_secret(self.settings),
                    self.now - timedelta(days=1),
                    role=KeyRole(role),
                    agency=agency,
                    holder="测试",
                    jurisdiction=jurisdiction,
                    **more,
                )
            if more:
                return made
            self.keys[whose] = made
        return self.keys[whose]

    @contextmanager
    def session(self) -> Iterator[Session]:
        try:
            with Session(self.engine) as session, session.begin():
                yield session
        finally:
            self.engine.dispose()  # no connection stays open

    def post(
        self,
        path: str,
        body: Any,
        role: str = "reporter",
        agency: str | None = LEAD,
        jurisdiction: str | None = None,
        **headers: str,
    ) -> Response:
        """A write with its own Idempotency-Key, unless one is given."""
        given = {
            "Authorization": f"Bearer {self.key(role, agency, jurisdiction)}",
            "Idempotency-Key": f"n{next(numbers)}",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        answer: Response = self.client.post(path, json=body, headers=given)
        return answer

    def patch(
        self,
        path: str,
        body: Any,
        agency: str | None = LEAD,
        role: str = "reporter",
        **headers: str,
    ) -> Response:
        """A change; `If_Match` is to be given."""
        key = {"Authorization": f"Bearer {self.key(role, agency)}"}
        given = key | {name.replace("_", "-"): value for name, value in headers.items()}
        answer: Response = self.client.patch(path, json=body, headers=given)
        return answer

    def report(self, **changes: Any) -> Response:
        return self.post(REPORTS, a_report(**changes))

    def assess(self, **changes: Any) -> Response:
        return self.post(ASSESSMENTS, an_assessment(**changes), "assessor")

    def publish(self, **changes: Any) -> Response:
        return self.post(BULLETINS, a_bulletin(**changes), "coordinator")

    def subscribe(self, jurisdiction: str | None = None, /, **changes: Any) -> Response:
        return self.post(WEBHOOKS, a_webhook(**changes), "admin", jurisdiction=jurisdiction)

    def report_error(
        self, message: str = "试验：应为另一数字。", about: str = f"tasks/{TASK}", **headers: str
    ) -> Response:
        """An error report, as a browser sends its form."""
        return send_error(self.client, about, message, **headers)

    def open_error(self, **changes: Any) -> str:
        """The id of an error report that nobody has answered."""
        sent = self.report_error(message=f"试验 {next(self.errors)}", **changes)
        assert sent.status_code == 303, sent.text
        listed = self.private(f"{ERRORS}?state=open&limit=1000", "coordinator").json()
        return str(listed["data"][-1]["id"])

    def one_of_each(self) -> None:
        """Every kind of fact once, and a webhook."""
        measured = {"as_of": "2022-06-30", "value": 2, "unit": "个", "method": "试验"}
        for made in (
            self.report(),
            self.post(f"/v1/targets/{TASK}-k1/measurements", measured),
            self.post(f"/v1/tasks/{TASK}/milestones", {"title": "试验", "due_on": "2022-09-30"}),
            self.assess(),
            self.publish(),
            self.subscribe(),
            self.post(f"{ERRORS}/{self.open_error()}/answer", a_resolution(), "coordinator"),
        ):
            assert made.status_code == 201, made.text

    def private(self, path: str, role: str = "admin", **headers: str) -> Response:
        """What is read with a key."""
        given = {"Authorization": f"Bearer {self.key(role)}"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        answer: Response = self.client.get(path, headers=given)
        return answer

    def json(self, path: str) -> Any:
        answer = self.client.get(path)
        assert answer.status_code == 200, (path, answer.text, answer.status_code)
        return answer.json()

    def rows(self, path: str) -> Iterator[Any]:
        """A whole list, page by page; the path has a query."""
        page = self.json(path)
        yield from page["data"]
        while cursor := page["page"]["next"]:
            page = self.json(f"{path}&cursor={cursor}")
            yield from page["data"]


@contextmanager
def practising(url: str, **settings: Any) -> Iterator[Service]:
    """The service, alive."""
    service = Service(url, **settings)
    with service.client:
        yield service
