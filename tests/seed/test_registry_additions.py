"""Registry additions of an operator add to the repository's registry and never replace."""

import shutil
from pathlib import Path

import pytest

from seed.refusals import NoticeRefusedError
from seed.registry import FOLDER, read_registry
from seed.yaml_files import read_yaml, yaml_text

NEW = '- {id: zj-magic, name: 省魔法厅, official_name: 浙江省魔法厅, kind: department, region: "330000", aliases: [魔法厅]}'


def additions(folder: Path, text: str, name: str = "bodies.yaml") -> list[Path]:
    (folder / name).write_text(text, "utf-8")
    return [folder]


def test_a_body_of_an_operator_is_added(tmp_path: Path) -> None:
    before = read_registry()
    after = read_registry(additions=additions(tmp_path, NEW))
    assert [body.id for body in after.bodies] == [*(one.id for one in before.bodies), "zj-magic"]
    assert after.agencies == before.agencies


def test_additions_may_be_missing(tmp_path: Path) -> None:
    assert read_registry(additions=[tmp_path, tmp_path / "none"]) == read_registry()


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("zj-magic", "cn-justice", "cn-justice is registered already, as 司法部; expected an entry of its own"),
        ("zj-magic", "gd-justice", "gd-justice is registered already"),
        ('region: "330000"', 'region: "339900"', "zj-magic of region 339900, which no government has as its code; expected a code of gov"),
    ],
)  # fmt: skip
def test_a_clash_is_an_error_that_says_what_would_be_right(
    tmp_path: Path, old: str, new: str, reason: str
) -> None:
    with pytest.raises(NoticeRefusedError, match=reason):
        read_registry(additions=additions(tmp_path, NEW.replace(old, new)))


def test_a_name_is_given_once_among_the_bodies_of_a_government(tmp_path: Path) -> None:
    guangdong = NEW.replace("zj-magic", "gd-magic").replace("330000", "440000")
    assert read_registry(additions=additions(tmp_path, f"{NEW}\n{guangdong}"))
    taken = guangdong.replace("[魔法厅]", "[魔法厅, 司法厅]")
    with pytest.raises(
        NoticeRefusedError, match="gd-magic has the name 司法厅, which is gd-justice"
    ):
        read_registry(additions=additions(tmp_path, taken))


def test_no_agency_comes_after_itself(tmp_path: Path) -> None:
    lines = [
        NEW.replace("magic", name).replace("魔法", name)[:-1]
        + f", predecessors: [{{agency: zj-{before}, how: merged}}]}}"
        for name, before in (("first", "third"), ("second", "first"), ("third", "second"))
    ]
    with pytest.raises(NoticeRefusedError, match="in a circle: zj-.* before zj-.* before zj-"):
        read_registry(additions=additions(tmp_path, "\n".join(lines)))
    straight = lines[0].split(", predecessors")[0] + "}"
    assert read_registry(additions=additions(tmp_path, "\n".join([straight, *lines[1:]])))


@pytest.mark.parametrize(
    ("file", "text", "reason"),
    [
        ("more.yaml", NEW, "more.yaml among registry additions; expected a file of agencies.yaml"),
        ("governments.yaml", '- {code: "440000", name: 某省, level: province, parent: "100000", prefix: x, aliases: []}',
         "440000 is registered already, as 广东省"),
        ("platforms.yaml", '- {id: some-yi, name: 某易, kind: platform, aliases: [], region: "339900"}',
         "some-yi of region 339900, which no government has"),
        ("platforms.yaml", "- {id: yue-zheng-yi, name: 某易, kind: platform, aliases: []}",
         "yue-zheng-yi is registered already, as 粤政易"),
        ("bodies.yaml", "- {id: [1]}", "the fields"),
        ("bodies.yaml", "- &a [*a]", "plain YAML"),
    ],
)  # fmt: skip
def test_a_broken_addition_is_named(tmp_path: Path, file: str, text: str, reason: str) -> None:
    with pytest.raises(NoticeRefusedError, match=reason):
        read_registry(additions=additions(tmp_path, text, file))


def test_on_and_no_are_words_in_what_people_write(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("on: no\nyes: true\ny: false\n", "utf-8")
    assert read_yaml(tmp_path / "a.yaml") == {"on": "no", "yes": True, "y": False}


@pytest.mark.parametrize(
    ("file", "also", "double"),
    [
        ("agencies.yaml", {}, "id"),
        ("bodies.yaml", {}, "id"),
        ("platforms.yaml", {}, "id"),
        ("platforms.yaml", {"id": "another", "aliases": []}, "name"),
    ],
)
def test_what_is_twice_in_a_registry_is_named(
    tmp_path: Path, file: str, also: dict[str, object], double: str
) -> None:
    shutil.copytree(FOLDER, tmp_path, dirs_exist_ok=True)
    entries = read_yaml(tmp_path / file)
    last = entries[-1]
    (tmp_path / file).write_text(yaml_text([*entries, last | also]), "utf-8")
    with pytest.raises(
        NoticeRefusedError, match=f"^{last[double]} twice in the registry; expected each once"
    ):
        read_registry(tmp_path)
