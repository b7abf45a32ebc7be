"""What every program must print, read from the server without any generated client."""

from datetime import datetime, timedelta
from typing import Any

import httpx2

NAME, NOBODY, TARGET, LIMIT = "省政数局", "公安局", "gd-dg-2022-t17.2-k1", 10
SECTIONS = ["gd-dg-2022-s4", "gd-dg-2022-s5"]


def expected(base: str) -> list[str]:
    """The lines of `programs/README.md`, from the raw answers."""
    with httpx2.Client(base_url=base) as client:
        agency = client.get("/v1/agencies", params={"name": NAME}).json()["data"][0]
        lines = [f"agency {agency['id']} {agency['name']}"]
        tasks, pages = _walk(client, agency["id"])
        lines += [f"task {task['id']} {task['title']}" for task in tasks]
        lines.append(f"tasks {len(tasks)} pages {pages}")
        since = datetime.fromisoformat(agency["changed_at"])
        lines.append(f"changed {_changed(client, since)}")
        lines.append(f"later {_changed(client, since + timedelta(days=1))}")
        answer = client.get(f"/v1/targets/{TARGET}")
        target = answer.json()
        figure = [target[key] for key in ("comparator", "value", "value_upper", "unit", "due_on")]
        lines.append(" ".join(map(str, ["target", target["id"], *figure])))
        known = {"If-None-Match": answer.headers["ETag"]}
        again = client.get(f"/v1/targets/{TARGET}", headers=known)
        lines.append(f"again {again.status_code}")
        problem = client.get("/v1/tasks", params={"agency": NOBODY}).json()
        field = problem["errors"][0]
        words = [problem["status"], field["in"], field["name"], *field["allowed"]]
        lines.append(" ".join(map(str, ["problem", *words])))
        traditional = client.get(f"/v1/agencies/{agency['id']}", params={"lang": "zh-Hant"})
        lines.append(f"traditional {traditional.json()['name']}")
        lines.append("report on_track lead once")  # what each writes, twice under one key
    return lines


def difference(printed: str, wanted: list[str]) -> str | None:
    """Where a program first prints something else; None where it prints the same."""
    given = printed.splitlines()
    for number, (line, right) in enumerate(zip(given, wanted, strict=False), start=1):
        if line != right:
            return f"line {number} is “{line}”, not “{right}”"
    if len(given) != len(wanted):
        return f"{len(given)} lines, not {len(wanted)}"
    return None


def _changed(client: httpx2.Client, since: datetime) -> str:
    """How many tasks of two sections have targets and changed since then, and which."""
    params: dict[str, str | bool | list[str]] = {
        "section": SECTIONS,
        "has_targets": True,
        "changed_since": since.isoformat(),
    }
    page = client.get("/v1/tasks", params=params).json()
    return " ".join([str(page["page"]["total"]), *(task["id"] for task in page["data"])])


def _walk(client: httpx2.Client, agency: str) -> tuple[list[Any], int]:
    tasks: list[Any] = []
    parameters: dict[str, str | int] = {"agency": agency, "limit": LIMIT}
    pages = 0
    while True:
        page = client.get("/v1/tasks", params=parameters).json()
        tasks += page["data"]
        pages += 1
        if page["page"]["next"] is None:
            return tasks, pages
        parameters["cursor"] = page["page"]["next"]
