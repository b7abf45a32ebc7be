"""`seed read`, `seed check` and `seed review`."""

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

from app.clock import day_in_china, utc_now
from seed.accepting import accept
from seed.commands.arguments import DONE, OPEN, REFUSED, of_each, parser_of, sources_of
from seed.commands.finishing import finish
from seed.editorial import read_editorial
from seed.notice_files import differing_files
from seed.plan_reading import ReadFolder, read_plan
from seed.questions.decided import person
from seed.questions.sheet import read_sheet
from seed.reader.as_json import as_json
from seed.reader.bodies import Bodies, known_from
from seed.reader.files import read_file
from seed.refusals import NoticeRefusedError
from seed.registry import read_registry
from seed.review.page import review_page
from seed.safe_files import locked, write_at_once
from seed.sources import Source, find_plan


def read_command(words: list[str]) -> int:
    """Read plans anew; 0 where nothing is open, 3 where questions are, 1 where one was refused."""
    parser = parser_of("read", "read notices; list open questions; write what was read")
    parser.add_argument("plan", nargs="*", help="plan ids; all plans where none is given")
    parser.add_argument("--by", metavar="NAME", help="who reads the plan and answers for it")
    parser.add_argument(
        "--accept", action="store_true", help="a checked plan: take the new reading; checks lapse"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="one file, printed as JSON")
    parser.add_argument("--jurisdiction", default="100000", help="--json: the government's code")
    parser.add_argument(
        "--plan", dest="plan_id", metavar="ID", help="--json: whose decisions apply"
    )
    given = parser.parse_args(words)
    if given.json:
        return of_each([given.json.name], lambda _: _print_reading(given))
    places = sources_of(given, examples=bool(given.plan))
    plans = given.plan or [folder.name for one in places for folder in one.plan_folders()]
    if not plans:
        raise NoticeRefusedError(None, f"no notice in {given.notices.name}", "a folder a plan")

    def read_one(plan: str) -> int:
        source, folder = find_plan(plan, places)
        with locked(source.folder):
            source.refresh()  # others may have registered bodies
            return _read_and_write(source, folder, given)

    return of_each(plans, read_one)


def _read_and_write(source: Source, folder: Path, given: argparse.Namespace) -> int:
    """Take what was accepted in `questions.yaml`, read, and write the files."""
    sheet = read_sheet(folder)
    today = day_in_china(utc_now())
    if given.by:
        sheet = replace(sheet, read_by=person(given.by, "--by"), read_on=today)
    uncommented = [one for one in sheet.asked if one.accepted]
    if uncommented and sheet.read_by is None:
        raise NoticeRefusedError(
            None, f"{len(uncommented)} accepted, and read_by: null", "your name, after `read_by:`"
        )
    reading = read_plan(folder, source, sheet)
    still_open = {one.question for one in reading.asked()}
    for one in uncommented:
        if one.question not in still_open:
            print(f"{folder.name}: question {one.number} is no longer open: {one.words}")
    if decided := [
        one.decided(sheet.read_by or "", today) for one in uncommented if one.question in still_open
    ]:
        reading = replace(reading, sheet=replace(sheet, read_on=today))
        reading = accept(decided, reading, source)
    return finish(reading, source, reading.asked(), accept_difference=given.accept)


def _print_reading(given: argparse.Namespace) -> int:
    """Print what a file says; 0 where nothing is open, 3 where questions are."""
    editorial = (
        read_editorial(given.notices / given.plan_id / "editorial.yaml") if given.plan_id else None
    )
    bodies = Bodies(known_from(read_registry(given.registry)), given.jurisdiction)
    reading = read_file(given.json, bodies, editorial)
    json.dump(as_json(reading), sys.stdout, ensure_ascii=False, indent=1)
    print()
    return OPEN if reading.questions else DONE


def check_command(words: list[str]) -> int:
    """Fail where a committed file of the repository is not what reading gives."""
    parser = parser_of("check", "compare the repository's files with what reading gives")
    parser.add_argument("plan", nargs="*", help="plan ids; all plans where none is given")
    given = parser.parse_args(words)
    source = next(one for one in sources_of(given) if one.kind == "repository")

    def check(plan: str) -> int:
        _, folder = find_plan(plan, [source])
        differing = differing_files(folder, read_plan(folder, source).notice(source))
        for name in differing:
            path = f"{folder.name}/{name}"
            print(f"{path} is not what reading gives; run `python -m seed read`", file=sys.stderr)
        return REFUSED if differing else DONE

    return of_each(given.plan or [one.name for one in source.plan_folders()], check)


def review_command(words: list[str]) -> int:
    """Write `review.html` for each plan; the status is that of `read`."""
    parser = parser_of("review", "one HTML file: the text and its reading side by side")
    parser.add_argument("plan", nargs="+", help="plan ids")
    given = parser.parse_args(words)
    places = sources_of(given)

    def write(plan: str) -> int:
        source, folder = find_plan(plan, places)
        reading: ReadFolder = read_plan(folder, source)
        path = folder / "review.html"
        write_at_once(
            path, review_page(plan, reading.reading, reading.extraction, reading.numbers()).encode()
        )
        print(f"{plan}: {len(reading.reading.questions)} questions; open {path}")
        return DONE if reading.is_finished else OPEN

    return of_each(given.plan, write)
