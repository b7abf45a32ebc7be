"""The examples of the contract: asked for again, on the really seeded database.

`python -m tests.contract.answers` writes into `app/examples.json` what the requests there give.
"""

import json
import re
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from seed.load import load
from seed.notice_files import NOTICES, ReadNotice, read_notice
from seed.registry import Registry, read_registry
from tests.conftest import LOADED_AT, PLAN, ROOT, migrated
from tests.seed.test_loading import corrected

EXAMPLES_FILE = ROOT / "app" / "examples.json"
REQUEST = re.compile(r"([A-Z]+) (\S+)(?:, Accept: (\S+))?")


def read_examples() -> dict[str, Any]:
    examples: dict[str, Any] = json.loads(EXAMPLES_FILE.read_text("utf-8"))
    return examples


def without_chance(answer: Any) -> Any:
    """An answer without what differs at each request: its id."""
    return {**answer, "request_id": ""} if "request_id" in answer else answer


def answered(client: TestClient, media_type: str, example: dict[str, Any]) -> Any:
    """What an example's request gives now."""
    answer = client.get(example["request"])
    assert answer.status_code == 200, example["request"]
    assert answer.headers["content-type"].partition(";")[0] == media_type
    return answer.json() if media_type == "application/json" else answer.text


def refused(folder: Path, registry: Registry, notice: ReadNotice, slug: str, request: str) -> Any:
    """The problem that a request gives, on a service where that kind of problem happens."""
    url = f"sqlite:///{folder}/{slug}.db"
    if slug != "unavailable":
        engine = migrated(url)
        load(engine, registry, [notice], LOADED_AT)
        if slug == "gone":
            load(engine, registry, [corrected(notice)], LOADED_AT + timedelta(days=1))
        engine.dispose()
    app = create_app(Settings(database_url=url))
    if slug == "internal-error":
        app.state.totals = None
    asked = REQUEST.fullmatch(request)
    assert asked, request
    method, path, accept = asked.groups()
    headers = {"Accept": accept} if accept else {}
    with TestClient(app, raise_server_exceptions=False) as client:
        return client.request(method, path, headers=headers).json()


def main() -> None:
    """Ask again, and write what came."""
    examples = read_examples()
    registry = read_registry()
    notice = read_notice(NOTICES / PLAN, registry)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = f"sqlite:///{folder}/examples.db"
        engine = migrated(url)
        load(engine, registry, [notice], LOADED_AT)
        engine.dispose()
        with TestClient(create_app(Settings(database_url=url))) as client:
            for by_media_type in examples["operations"].values():
                for media_type, example in by_media_type.items():
                    if "external" not in example:
                        example["answer"] = answered(client, media_type, example)
        for slug, example in examples["problems"].items():
            now = refused(folder, registry, notice, slug, example["request"])
            if without_chance(now) != without_chance(example["answer"] or {}):
                example["answer"] = now
    EXAMPLES_FILE.write_text(json.dumps(examples, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
