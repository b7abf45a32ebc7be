"""The examples of the contract: asked for again, on the really seeded database.

`python -m tests.contract.answers` writes into `app/openapi/examples.json` what the requests there give.
"""

import json
import re
import shutil
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from httpx2 import Response
from pydantic import SecretStr
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.cli.commands import issue_key
from app.db.engine import open_engine
from app.enums import KeyRole
from app.main import create_app
from app.settings import Settings
from app.writing.keys import server_secret
from seed.load import load
from seed.notice_files import NOTICES, ReadNotice, read_notice
from seed.registry import Registry, read_registry
from tests.support import LOADED_AT, PLAN, ROOT
from tests.support.databases import fill
from tests.support.notices import corrected
from tests.support.practice import send_error
from tests.support.years import fill_with_examples

WRITTEN_AT = LOADED_AT + timedelta(days=30)
KEYS = ("reporter gd-government-data", "coordinator", "assessor", "admin")  # role and agency
EXAMPLES_FILE = ROOT / "app" / "openapi" / "examples.json"
REQUEST = re.compile(r"([A-Z]+) (\S+)(?:, Accept: (\S+))?")


def read_examples() -> dict[str, Any]:
    examples: dict[str, Any] = json.loads(EXAMPLES_FILE.read_text("utf-8"))
    return examples


def without_chance(answer: Any) -> Any:
    """An answer without what differs at each request: its id."""
    return {**answer, "request_id": ""} if "request_id" in answer else answer


def answered(
    client: TestClient, media_type: str, example: dict[str, Any], keys: dict[str, str]
) -> Any:
    """What an example's request gives now."""
    answer = client.get(example["request"], headers=authorized(example, keys))
    assert answer.status_code == 200, example["request"]
    assert answer.headers["content-type"].partition(";")[0] == media_type
    return (
        shortened(answer.json(), example.get("first"))
        if media_type == "application/json"
        else answer.text
    )


def shortened(answer: Any, most: int | None) -> Any:
    """An answer with the first entries of its own lists; those of the entries are whole."""
    if most is None:
        return answer
    if isinstance(answer, dict):
        return {name: shortened(one, most) for name, one in answer.items()}
    return answer[:most] if isinstance(answer, list) else answer


def practised(url: str, examples: dict[str, Any]) -> tuple[FastAPI, dict[str, str]]:
    """A loaded service in which some have keys and have done what the examples do.

    All of it is made up; nothing here is said of a real government.  Operation → what it answered.
    """
    engine = open_engine(url)
    settings = Settings(database_url=url, key_secret=SecretStr("k" * 32), webhook_delivery=False)
    keys = {}
    with Session(engine) as session, session.begin():
        for number, name in enumerate(KEYS):
            role, _, agency = name.partition(" ")
            keys[name] = issue_key(
                session,
                server_secret(settings),
                LOADED_AT,
                role=KeyRole(role),
                agency=agency or None,
                jurisdiction=None if role in ("reporter", "admin") else "440000",
                holder="示例",
                random=lambda size, number=number: bytes([number]) * size,  # type: ignore[misc]
            )
    engine.dispose()
    now = WRITTEN_AT
    app = create_app(settings, clock=lambda: now)
    with TestClient(app) as client:
        for number, step in enumerate(examples["practice"]):
            now = WRITTEN_AT + timedelta(seconds=number)  # each write at a moment of its own
            if "reported" in step:
                assert send_error(client, **step["reported"]).status_code == 303
                continue
            if operation := step.get("operation"):
                step = examples["operations"][operation]["application/json"]
            given = {"Idempotency-Key": f"practice-{number}", **step.get("headers", {})}
            sent = {**step, "headers": given}
            answer = asked(client, sent, keys)
            assert answer.is_success, (step, answer.text)
            if operation:
                keys[operation] = answer.text
    # The same data with a life cycle of its own, for whoever asks next.
    return create_app(settings, clock=lambda: now), keys


def authorized(example: dict[str, Any], keys: dict[str, str]) -> dict[str, str]:
    """The header of whoever asks, where an example says who that is."""
    return {"Authorization": f"Bearer {keys[example['as']]}"} if "as" in example else {}


def asked(client: TestClient, example: dict[str, Any], keys: dict[str, str]) -> Response:
    """What an example's request gives; `as` names the key, `pad` is how long the body is made."""
    found = REQUEST.fullmatch(example["request"])
    assert found, example["request"]
    method, path, accept = found.groups()
    headers = {"Idempotency-Key": "example", "Content-Type": "application/json"}
    headers |= {"Accept": accept} if accept else {}
    headers |= authorized(example, keys)
    body = json.dumps(example["body"]) if "body" in example else None
    if body and "pad" in example:
        body = body.ljust(example["pad"])
    headers |= example.get("headers", {})
    return client.request(method, path, headers=headers, content=body)


def refused(
    url: str, registry: Registry, notice: ReadNotice, slug: str, example: dict[str, Any]
) -> Any:
    """The problem that a request gives, on a loaded service where that kind of problem happens."""
    if slug == "unavailable":
        url = f"{url}/missing.db"
    if slug == "gone":
        engine = open_engine(url)
        load(engine, registry, [corrected(notice)], LOADED_AT + timedelta(days=1))
        engine.dispose()
    rate_limit = "1/hour" if slug == "rate-limited" else None
    app = create_app(Settings(database_url=url, rate_limit=rate_limit))
    keys: dict[str, str] = {}
    if "body" in example:
        app, keys = practised(url, read_examples())
    if slug == "internal-error":
        app.state.totals = None
    if slug == "too-many-requests":
        app.state.writer.most_of_one_key = 0
    with TestClient(app, raise_server_exceptions=False) as client:
        if slug == "rate-limited":
            asked(client, example, keys)
        return asked(client, example, keys).json()


def main() -> None:
    """Ask again, and write what came."""
    examples = read_examples()
    registry = read_registry()
    notice = read_notice(NOTICES / PLAN, registry)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url, url_of_years = (f"sqlite:///{folder}/{name}.db" for name in ("examples", "years"))
        fill(url)

        def copy(name: str) -> str:
            """The same database once more, to be written to."""
            shutil.copy(folder / "examples.db", folder / f"{name}.db")
            return f"sqlite:///{folder}/{name}.db"

        url_of_practice = copy("practice")
        fill_with_examples(url_of_years)
        app, done = practised(url_of_practice, examples)
        with (
            TestClient(create_app(Settings(database_url=url))) as client,
            TestClient(create_app(Settings(database_url=url_of_years))) as years,
            TestClient(app) as after,
        ):
            for operation, by_media_type in examples["operations"].items():
                for media_type, example in by_media_type.items():
                    if operation in done:
                        example["response"] = json.loads(done[operation])
                    elif "external" not in example:
                        asking = after if "practised" in example else client
                        asking = years if "years" in example else asking
                        example["response"] = answered(asking, media_type, example, done)
        for slug, example in examples["problems"].items():
            now = refused(copy(slug), registry, notice, slug, example)
            if without_chance(now) != without_chance(example["response"] or {}):
                example["response"] = now
    EXAMPLES_FILE.write_text(json.dumps(examples, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
