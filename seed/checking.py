"""Reading and checking are two people: `checked.yaml` says who checked which plan, to the byte.

A checked plan is loaded as it was checked, from `plan.yaml`, whatever a newer reader would read.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from pathlib import Path

from seed.corrections import Correction
from seed.from_yaml import from_data
from seed.intake.formats import MOST_BYTES
from seed.intake.storing import read_paragraphs
from seed.notice_files import GENERATED, ReadNotice
from seed.plan import Plan
from seed.questions.decided import person
from seed.received import received
from seed.refusals import NoticeRefusedError
from seed.restore import Restored
from seed.safe_files import read_bytes, write_at_once
from seed.source_pages import SourcePages, source_pages
from seed.yaml_files import parse_yaml, read_yaml, yaml_text

NAME = "checked.yaml"
DEEPEST = 30  # four levels of tasks, with their targets
SCRIPTS = ("zh-Hans", "zh-Hant")
HEADER = "# Written by `python -m seed approve`: who checked the files of this plan.\n"


@dataclass(frozen=True)
class Check:
    """Who checked a plan, when, and the SHA-256 of the raw file and of each file that was checked."""

    by: str
    date: date
    raw_sha256: str
    received_script: str
    files: Mapping[str, str]


@dataclass(frozen=True)
class Checked:
    """A check, and the files that were checked, as they are."""

    check: Check
    contents: Mapping[str, bytes]


def read_check(folder: Path) -> Checked | None:
    """Who checked the plan; None where nobody did.

    Raises NoticeRefusedError where a checked file is no longer the one that was checked.
    """
    path = folder / NAME
    if not path.exists():
        return None
    given = read_yaml(path)
    fits = (
        isinstance(given, dict)
        and set(given) == {each.name for each in fields(Check)}
        and type(given["date"]) is date
        and given["received_script"] in SCRIPTS
        and isinstance(given["files"], dict)
        and set(given["files"]) == set(GENERATED)
    )
    if not fits:
        raise NoticeRefusedError(None, f"{NAME} of another shape", "the file as it was written")
    check = Check(**{**given, "by": person(given["by"], NAME)})
    contents = {name: read_bytes(folder / name, MOST_BYTES) for name in GENERATED}
    for name, digest in check.files.items():
        if _digest(contents[name]) != digest:
            raise NoticeRefusedError(
                None,
                f"{name} is not the file that {check.by} checked",
                f"that file, or no {NAME}: the plan is then unchecked",
            )
    return Checked(check, contents)


def write_check(folder: Path, by: str, on: date, notice: ReadNotice) -> None:
    """Record that a person checked the files of a plan as they are now."""
    script = notice.restored.received_script
    files = {name: _digest(read_bytes(folder / name, MOST_BYTES)) for name in GENERATED}
    content = HEADER + yaml_text(asdict(Check(by, on, notice.raw_sha256, script, files)))
    write_at_once(folder / NAME, content.encode())


def checked_notice(folder: Path, checked: Checked) -> ReadNotice:
    """The notice as it was checked.  Raises NoticeRefusedError for files of another version."""
    check, contents = checked.check, checked.contents
    try:
        plan = from_data(Plan, parse_yaml("plan.yaml", contents["plan.yaml"], DEEPEST))
        corrections = [
            from_data(Correction, entry)
            for entry in parse_yaml("corrections.yaml", contents["corrections.yaml"])
        ]
    except (ValueError, TypeError) as error:
        raise NoticeRefusedError(
            None, f"a plan of another version: {error}", "seed read PLAN --accept, and a new check"
        ) from None
    restored = Restored(contents["notice.txt"].decode(), tuple(corrections), check.received_script)
    file = received(folder)
    if file.sha256 != check.raw_sha256:
        raise NoticeRefusedError(None, "the file is not the one that was checked", "that file")
    plan.reading = replace(plan.reading, checked_by=check.by, checked_on=check.date)
    pages = SourcePages()
    if (folder / "paragraphs.yaml").exists():
        pages = source_pages(folder, read_paragraphs(folder), restored.text)
    return ReadNotice(plan, restored, file.sha256, file.address, file.retrieved_on, pages)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
