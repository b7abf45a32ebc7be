"""A plan as Markdown."""

import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from app.resources.plans.markdown import escaped
from tests.api.downloads import DOWNLOAD


def test_markdown_is_the_notice_in_its_order(client: TestClient, whole: dict[str, Any]) -> None:
    answer = client.get(f"{DOWNLOAD}?format=markdown")
    assert answer.headers["content-type"] == "text/markdown; charset=utf-8"
    plain = unescaped(answer.text)
    place = 0
    wanted = [whole["plan"]["title"], whole["plan"]["preamble"]]
    for section in whole["sections"]:
        wanted += [section["title"], section["intro"]]
        for task in whole["tasks"]:
            if task["section"]["id"] == section["id"]:
                wanted += [task["label"], task["title"], f"`{task['id']}`", task["body"]]
                wanted += [task["assignment_clause"] and f"（{task['assignment_clause']}）"]
    for words in filter(None, [*wanted, whole["plan"]["closing"]]):
        assert words in plain[place:], words
        place = plain.index(words, place) + len(words)
    # As printed: its marks are those of the notice.
    assert "各地级以上市人民政府" in plain
    line = next(line for line in plain.split("\n") if line.startswith("各地级"))
    assert line in whole["text"]["text"]


def unescaped(text: str) -> str:
    """What CommonMark shows: a backslash before ASCII punctuation is not there."""
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_escaped_text_is_only_characters(text: str) -> None:
    written = escaped(text)
    assert unescaped(written) == unescaped(re.sub(r"\\", r"\\\\", text))
    without = re.sub(r"\\[!-/:-@\[-`{-~]", "", written)
    assert not re.search(r"[\\`*_\[\]<>#|~!&]", without)
    assert not re.match(r"\s*(\d+[.)]|[-+=])", without) or not re.match(
        r"\s*(\d+[.)]|[-+=])", written
    )
