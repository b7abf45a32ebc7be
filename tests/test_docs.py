"""Words that the code can check."""

import json
import re

import pytest
from starlette.testclient import TestClient

from app.settings import Settings
from tests.support import PLAN, ROOT


def test_every_setting_is_documented() -> None:
    names = {f"WORKPLAN_{name.upper()}" for name in Settings.model_fields}
    assert names <= set(re.findall(r"WORKPLAN_\w+", (ROOT / "docs" / "settings.md").read_text()))


def test_every_page_for_operators_is_in_their_index() -> None:
    index = (ROOT / "docs" / "operating.md").read_text("utf-8")
    listed = set(re.findall(r"(?m)^\| .* \[(\w+\.md)\]\(\1\) \|$", index))
    assert listed == {
        *("deploying.md", "settings.md", "upgrading.md", "backup.md"),
        *("monitoring.md", "keys.md", "limits.md", "notices.md"),
    }


def test_a_command_for_systemd_has_the_whole_path_of_its_program() -> None:
    """`systemd-run` looks for a relative one from where it is called, not from its own folder."""
    page = (ROOT / "docs" / "deploying.md").read_text("utf-8")
    (words,) = re.findall(r"systemd-run (.*)", page)
    assert re.search(r"--working-directory (\S+) \1/\.venv/bin/", words)


def test_the_first_answer_of_the_readme_is_the_real_one(client: TestClient) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    shown = re.search(r"```json\n(.*?)```", readme, re.DOTALL)
    assert shown
    assert "/v1/tasks --data-urlencode agency=省能源局" in readme
    answer = client.get("/v1/tasks", params={"agency": "省能源局"})
    assert json.loads(shown[1]) == answer.json()


def test_the_readme_shows_the_first_line_of_a_download(client: TestClient) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    shown = re.search(r'download\?format=ndjson" \| head -1 +# (.*)', readme)
    assert shown
    download = client.get(f"/v1/plans/{PLAN}/download", params={"format": "ndjson"}).text
    first = download.split("\n", 1)[0]
    assert shown[1] == re.sub(r'"epoch":"\w+"', '"epoch":"…"', first)


def test_no_committed_text_names_a_host_of_packages_or_a_path_of_one_machine() -> None:
    for path in [*ROOT.glob("*"), *ROOT.glob("docs/**/*")]:
        if path.is_file():
            text = path.read_text("utf-8", "replace")  # of pictures, what they say of themselves
            assert not re.search(
                r"pythonhosted|pypi\.org/simple|registry\.npm|/(?:home|work|root)/", text
            )


COMMAND = re.compile(r"\(?(?:curl|python|make|alembic|buildah|podman|npx|npm|pip|export|\.venv/)")


def unquoted(command: str) -> tuple[str, bool]:
    """What a shell reads of a command as its own, and whether the command is whole."""
    bare, quote = "", ""
    characters = iter(command)
    for char in characters:
        if char == "\\" and quote != "'":
            if next(characters, "\n") == "\n":
                return bare, False
        elif quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char == "#" and bare[-1:].isspace():
            break
        else:
            bare += char
    return bare, not quote


def commands() -> list[tuple[str, str]]:
    """Every command in the texts that people copy from, over as many lines as it has."""
    texts = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("sdks/**/*.md")]
    found: list[tuple[str, str]] = []
    for path in texts:
        for block in re.findall(r"(?ms)^```[a-z]*\n(.*?)^```", path.read_text("utf-8")):
            command = ""
            for line in block.splitlines():
                if command or COMMAND.match(line):
                    command = f"{command}\n{line}".strip()
                    if not command.endswith("\\") and unquoted(command)[1]:
                        found.append((path.name, command))
                        command = ""
    return found


def test_commands_work_in_shells_that_match_patterns_or_fail() -> None:
    """zsh takes `?`, `*` and `[` outside quotes for patterns, and any shell `&` for its own."""
    found = commands()
    assert sum("curl" in command for _, command in found) > 10
    for name, command in found:
        bare, _ = unquoted(command.replace("\\\n", " "))
        assert not re.search(r"[?*\[]|\S&\S", bare.replace("&&", "")), (name, command)


def test_every_link_between_documents_leads_somewhere() -> None:
    """Links to files, and to headings by the anchors that GitHub gives them."""
    documents = [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *ROOT.glob("sdks/programs/*.md"),
    ]
    links = [
        (path, target)
        for path in documents
        for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text("utf-8"))
        if not re.match(r"https?:", target)
    ]
    assert len(links) > 20
    for path, target in links:
        name, _, anchor = target.partition("#")
        file = (path.parent / name).resolve() if name else path
        assert file.exists(), (path.name, target)
        if anchor:
            headings = re.findall(r"(?m)^#+ (.+)$", file.read_text("utf-8"))
            anchors = {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings}
            assert anchor in anchors, (path.name, target)


@pytest.mark.parametrize("name", ["security", "reliability"])
def test_every_test_that_a_document_names_exists(name: str) -> None:
    text = (ROOT / "docs" / f"{name}.md").read_text("utf-8")
    named = set(re.findall(r"`(tests/\S+\.py)::(\w+)`", text))
    assert len(named) > 15
    for path, test in named:
        assert f"def {test}(" in (ROOT / path).read_text("utf-8"), (path, test)


def test_requirements_of_the_asvs_are_named_once_by_number_and_each_has_a_test() -> None:
    text = (ROOT / "docs" / "security.md").read_text("utf-8")
    table = text.partition("## OWASP ASVS")[2].partition("\nDo not apply")[0]
    rows = [line.split(" | ") for line in table.splitlines() if line.startswith("| V")]
    numbers = [number for row in rows for number in row[0].removeprefix("| ").split(", ")]
    assert len(numbers) > 70
    assert len(numbers) == len(set(numbers))
    assert all(re.fullmatch(r"V\d+\.\d+\.\d+", number) for number in numbers)
    assert all("::test_" in row[2] for row in rows)
