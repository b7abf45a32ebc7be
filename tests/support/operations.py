"""Every operation with a key: who may do it, in words of its own, and a request that fits."""

from collections.abc import Callable
from datetime import timedelta
from string import Formatter
from typing import Any, NamedTuple

from httpx2 import Response

from tests.support.practice import (
    ASSESSMENTS,
    BULLETINS,
    HOME,
    NOW,
    REPORTS,
    TASK,
    WEBHOOKS,
    Service,
    a_bulletin,
    a_report,
    a_resolution,
    a_webhook,
    an_assessment,
    numbers,
)

FOREIGN = "gd-energy"


class Case(NamedTuple):
    """Who may do an operation, in words of its own, and a request that fits."""

    role: str
    only_own: bool
    path: str
    body: Callable[[], Any]
    method: str = "POST"
    done: int = 201
    elsewhere: int = 403  # with a key of a government that is neither that of the plan nor above it


def a_day() -> str:
    """One that no report has yet."""
    return (NOW.date() - timedelta(days=2000 + next(numbers))).isoformat()


# What is written here is what should be; `app/writing/permissions.py` must agree.
CASES = {
    "createReport": Case("reporter", True, REPORTS, lambda: a_report(as_of=a_day())),
    "withdrawReport": Case(
        "coordinator", False, "/v1/reports/{report}/withdrawal", lambda: {"reason": "试验"}
    ),
    "createMeasurement": Case(
        "reporter",
        True,
        f"/v1/targets/{TASK}-k1/measurements",
        lambda: {"as_of": a_day(), "value": 2, "unit": "个", "method": "试验"},
    ),
    "withdrawMeasurement": Case(
        "coordinator",
        False,
        "/v1/measurements/{measurement}/withdrawal",
        lambda: {"reason": "试验"},
    ),
    "createMilestone": Case(
        "reporter",
        True,
        f"/v1/tasks/{TASK}/milestones",
        lambda: {"title": "试验", "due_on": a_day()},
    ),
    "changeMilestone": Case(
        "reporter", True, "/v1/milestones/{milestone}", lambda: {"kind": "done"}, "PATCH", 200
    ),
    "createAssessment": Case("assessor", False, ASSESSMENTS, an_assessment),
    "withdrawAssessment": Case(
        "coordinator", False, "/v1/assessments/{assessment}/withdrawal", lambda: {"reason": "试验"}
    ),
    "createBulletin": Case("coordinator", False, BULLETINS, a_bulletin),
    "withdrawBulletin": Case(
        "coordinator", False, "/v1/bulletins/{bulletin}/withdrawal", lambda: {"reason": "试验"}
    ),
    "resolveErrorReport": Case(
        "coordinator", False, "/v1/error-reports/{error}/answer", a_resolution
    ),
    "listErrorReports": Case(
        "coordinator", False, "/v1/error-reports?state=open", lambda: None, "GET", 200, 200
    ),
    "createWebhook": Case("admin", False, WEBHOOKS, a_webhook, elsewhere=201),
    "changeWebhook": Case(
        "admin", False, f"{WEBHOOKS}/{{webhook}}", lambda: {"enabled": True}, "PATCH", 200
    ),
    "listWebhooks": Case("admin", False, WEBHOOKS, lambda: None, "GET", 200, 200),
    "getWebhook": Case("admin", False, f"{WEBHOOKS}/{{webhook}}", lambda: None, "GET", 200),
    "listWebhookDeliveries": Case(
        "admin", False, f"{WEBHOOKS}/{{webhook}}/deliveries", lambda: None, "GET", 200
    ),
}
# What a path names is made for it.
MADE: dict[str, Callable[[Service], Response]] = {
    "report": lambda service: service.report(as_of=a_day()),
    "measurement": lambda service: service.post(
        f"/v1/targets/{TASK}-k1/measurements",
        {"as_of": a_day(), "value": 2, "unit": "个", "method": "试验"},
    ),
    "milestone": lambda service: service.post(
        f"/v1/tasks/{TASK}/milestones", {"title": "试验", "due_on": a_day()}
    ),
    "assessment": lambda service: service.assess(),
    "bulletin": lambda service: service.publish(),
    "webhook": lambda service: service.subscribe(HOME),
}


def path_of(case: Case, service: Service) -> str:
    """The path of a case, about something that nothing has been done to."""
    names = [name for _, name, _, _ in Formatter().parse(case.path) if name]

    def made(name: str) -> str:
        return service.open_error() if name == "error" else MADE[name](service).json()["id"]

    return case.path.format(**{name: made(name) for name in names})
