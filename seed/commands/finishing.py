"""What follows on every reading: its questions are listed, or the plan is written."""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from seed.checking import NAME as CHECKED
from seed.checking import read_check
from seed.commands.arguments import DONE, OPEN
from seed.notice_files import ReadNotice, differing_files, write_files
from seed.plan_reading import ReadFolder
from seed.questions.sheet import NAME as SHEET
from seed.questions.sheet import Asked, write_sheet
from seed.review.listing import listing
from seed.sources import Source

MOST_LINES = 40  # of a difference that is printed


def finish(
    reading: ReadFolder,
    source: Source,
    asked: Sequence[Asked],
    *,
    accept_difference: bool = False,
) -> int:
    """List what is open, in `questions.yaml` too; where nothing is, write the plan."""
    folder = reading.folder
    sheet = replace(reading.sheet, asked=tuple(asked))
    if asked or sheet.decided or sheet.read_by:
        write_sheet(folder, sheet)
    for line in listing(reading.plan, reading.reading, asked):
        print(line)
    for one in reading.without_question:
        print(
            f"   {one.by} accepted “{one.value}” for “{one.words}”, which is not asked any longer"
        )
    if asked:
        print(
            f"accept: in {folder / SHEET}, or python -m seed answer {reading.plan} NUMBER --by NAME"
        )
        return OPEN
    return _write_plan(folder, reading.notice(source), accept_difference=accept_difference)


def _write_plan(folder: Path, notice: ReadNotice, *, accept_difference: bool) -> int:
    """Write what was read; a checked plan stays as it is until the difference is accepted."""
    checked = read_check(folder)
    differing = differing_files(folder, notice)
    if checked and differing and not accept_difference:
        print(f"{folder.name}: checked by {checked.check.by}; it would be read otherwise now:")
        print("\n".join(_difference(folder, notice, differing)))
        print(f"nothing was changed; `seed read {folder.name} --accept` takes the new reading")
        return OPEN
    if checked and differing:
        (folder / CHECKED).unlink()
    for name in write_files(folder, notice):
        print(f"{folder.name}: wrote {name}")
    return DONE


def _difference(folder: Path, notice: ReadNotice, names: Sequence[str]) -> Iterator[str]:
    lines: list[str] = []
    for name in names:
        before = (folder / name).read_text("utf-8").splitlines()
        now = notice.files()[name].splitlines()
        lines += difflib.unified_diff(before, now, f"checked {name}", name, n=0, lineterm="")
    yield from lines[:MOST_LINES]
    if len(lines) > MOST_LINES:
        yield f"… {len(lines) - MOST_LINES} more lines"
