"""Run in the copy of the service that has obstacles: what each way to a fact gives, as JSON.

`python -m tests.support.new_kind_walk URL…`, on loaded databases from before the migration.
"""

import base64
import json
import sys
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import select
from sqlalchemy.orm import Session

import app
from app.db.engine import open_engine
from app.db.models import Change
from app.enums import ChangeOperation, WebhookFormat
from app.kinds import BY_NAME, PublishedKind
from app.openapi.document import openapi_document
from app.projections.documents import stored_documents
from app.projections.rebuilding import rebuild
from app.resources.webhooks.messages import for_robot, notification_of
from tests.support.practice import NOW, TASK, Service, practising

OBSTACLES = f"/v1/tasks/{TASK}/obstacles"
OBSTACLE = {"as_of": "2022-06-30", "heading": "缺少数据", "text": "试验数据。"}
WEBHOOK = {"format": "robot_markdown", "secret": None}


def migrate(url: str) -> None:
    """What an operator runs, and what a reviewer does: `upgrade head`, `check`."""
    config = Config(toml_file=Path(app.__file__).parent.parent / "pyproject.toml")
    engine = open_engine(url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.check(config)
    engine.dispose()


def walk(service: Service) -> dict[str, Any]:
    """Everything that a kind of fact goes through."""
    webhook = service.subscribe(events=["obstacle.created"], **WEBHOOK)
    created = service.post(OBSTACLES, OBSTACLE)
    replacing = service.post(OBSTACLES, {**OBSTACLE, "replaces": created.json()["id"]})
    withdrawn = service.post(
        f"{replacing.headers['Location']}/withdrawal", {"reason": "误报"}, "coordinator"
    )
    stranger = service.post(OBSTACLES, OBSTACLE, agency="gd-education")
    outsider = service.post(OBSTACLES, OBSTACLE, role="assessor")
    there = created.headers["Location"]
    xlsx = service.client.get("/v1/obstacles?format=xlsx")
    with service.session() as session:
        change = session.scalars(select(Change).where(Change.resource == "obstacle")).first()
        assert change
        assert change.op is ChangeOperation.CREATED
        told = notification_of(change, created.json(), None)
        message = json.loads(for_robot(WebhookFormat.ROBOT_MARKDOWN, told).body)
    return {
        "statuses": [one.status_code for one in (webhook, created, replacing, withdrawn)],
        "refused": [one.status_code for one in (stranger, outsider)],
        "created": created.json(),
        "one": service.json(there),
        "versions": service.json(f"{there}/versions")["data"],
        "first_version": service.json(f"{there}/versions/1"),
        "listed": service.json("/v1/obstacles"),
        "of_task": service.json(f"/v1/obstacles?task={TASK}&state=withdrawn"),
        "csv": service.client.get("/v1/obstacles?format=csv").text,
        "ndjson": service.client.get("/v1/obstacles?format=ndjson").text,
        "xlsx": base64.b64encode(xlsx.content).decode(),
        "changes": service.json("/v1/changes?resource=obstacle")["data"],
        "changes_of_agency": service.json(
            "/v1/changes?resource=obstacle&agency=gd-government-data"
        )["data"],
        "atom": service.client.get("/v1/changes.atom?resource=obstacle").text,
        "message": message,
        "deliveries": service.private(f"{webhook.headers['Location']}/deliveries").json()["data"],
        "download": service.json("/v1/plans/gd-dg-2022/download"),
        "download_xlsx": base64.b64encode(
            service.client.get("/v1/plans/gd-dg-2022/download?format=xlsx").content
        ).decode(),
        "links": service.json("/v1")["links"],
        "kinds": list(PublishedKind),
        "label": BY_NAME["obstacle"].label,
    }


def rebuilt(url: str) -> dict[str, Any]:
    """How many documents a rebuild changes, and whether all are what they were."""
    engine = open_engine(url)
    with Session(engine) as session:
        before = list(stored_documents(session))
    differed = rebuild(engine, lambda: NOW)
    with Session(engine) as session:
        after = list(stored_documents(session))
    engine.dispose()
    counted = sum(resource == "obstacle" for resource, _, _ in after)
    return {"differed": differed, "same": before == after, "counted": counted}


def found_on(url: str) -> dict[str, Any]:
    """Migrate, walk, rebuild."""
    migrate(url)
    with practising(url) as service:
        found = walk(service)
    return {**found, "rebuilt": rebuilt(url)}


if __name__ == "__main__":
    contract = openapi_document(Service(sys.argv[1]).app)  # takes a second, and is that of all
    found = [{**found_on(url), "contract": contract} for url in sys.argv[1:]]
    sys.stdout.write(json.dumps(found))  # `dump` writes each value, and may not be buffered
