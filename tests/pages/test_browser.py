"""The pages in a real browser, which `make test` installs: once each, and what people come for.

With BROWSER_MATRIX (`make browser`) in every mode and language, with html-validate and Lighthouse.
"""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from app.db.engine import open_engine
from seed.load import load
from seed.notice_files import ReadNotice
from seed.registry import Registry
from tests.support import LATER, PLAN, ROOT
from tests.support.databases import Databases
from tests.support.notices import on_pages
from tests.support.once import Once
from tests.support.pages import PAGES
from tests.support.practice import practising
from tests.support.serving import serving

BROWSER = ROOT / "browser"
MATRIX = bool(os.environ.get("BROWSER_MATRIX"))
pytestmark = pytest.mark.skipif(
    not (BROWSER / "node_modules/playwright-core").is_dir(),
    reason="`make test` installs the browser",
)
# Those that differ in content alone are looked at once.
ONCE = [
    path for path in PAGES if path not in ("/search", "/search?q=能源区块链", f"/tasks/{PLAN}-t17")
]
MORE = [
    f"/bulletins/{PLAN}-b1",
    f"/assessments/{PLAN}-a1",
    "/agencies/gd-government-data",
    f"/plans/{PLAN}/pages/2?start=4000&end=4100",
    "/problems",
    "/problems/not-found",
]
JOURNEYS = [] if MATRIX else ["by keyboard", "without JavaScript", "text size", "print"]


@pytest.fixture(scope="module")
def faults(
    on_sqlite: Databases,
    registry: Registry,
    notice: ReadNotice,
    tmp_path_factory: pytest.TempPathFactory,
    once: Once,
) -> Any:
    """Name of a page or journey → what is wrong with it."""
    folder = tmp_path_factory.mktemp("pages")
    return once("browser", lambda: faults_of(on_sqlite, registry, notice, folder))


def faults_of(on_sqlite: Databases, registry: Registry, notice: ReadNotice, folder: Path) -> Any:
    with on_sqlite.loaded() as url:
        engine = open_engine(url)
        load(engine, registry, [on_pages(notice)], LATER)
        engine.dispose()
        with practising(url) as service:
            service.one_of_each()
            service.report(as_of="2022-07-31", status="at_risk", summary="x" * 1000)
        with serving(url) as (port, _):
            return looked_at(f"http://127.0.0.1:{port}", folder)


def looked_at(base: str, folder: Path) -> Any:
    paths = folder / "pages.json"
    paths.write_text(json.dumps([*ONCE, *MORE]))
    done = subprocess.run(
        ["node", "matrix.mjs" if MATRIX else "check.mjs", base, str(paths)],
        cwd=BROWSER,
        capture_output=True,
        text=True,
        timeout=900 if MATRIX else 300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", [*ONCE, *MORE, *JOURNEYS])
def test_in_a_browser_nothing_is_wrong_with(faults: Any, name: str) -> None:
    assert faults.get(name, []) == []
