"""Words that the code can check."""

import json
import re

from starlette.testclient import TestClient

from app.settings import Settings
from tests.support import ROOT


def test_every_setting_is_documented() -> None:
    names = {f"WORKPLAN_{name.upper()}" for name in Settings.model_fields}
    assert names <= set(re.findall(r"WORKPLAN_\w+", (ROOT / "docs" / "operating.md").read_text()))


def test_the_first_answer_of_the_readme_is_the_real_one(client: TestClient) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    shown = re.search(r"```json\n(.*?)```", readme, re.DOTALL)
    assert shown
    assert "/v1/tasks --data-urlencode agency=省能源局" in readme
    answer = client.get("/v1/tasks", params={"agency": "省能源局"})
    assert json.loads(shown[1]) == answer.json()


def test_no_committed_text_names_a_host_of_packages_or_a_path_of_one_machine() -> None:
    for path in [*ROOT.glob("*"), *ROOT.glob("docs/**/*")]:
        if path.is_file():
            text = path.read_text("utf-8")
            assert not re.search(
                r"pythonhosted|pypi\.org/simple|registry\.npm|/(?:home|work|root)/", text
            )
