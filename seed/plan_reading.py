"""A plan's folder → its reading, with what was decided about it, and the notice that is loaded."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from seed.editorial import Editorial, read_editorial
from seed.intake.blocks import Extraction
from seed.intake.formats import MOST_BYTES
from seed.intake.storing import PLAN_ID
from seed.notice_files import ReadNotice
from seed.questions.applying import apply_decisions
from seed.questions.decided import Decided
from seed.questions.identity import identify
from seed.questions.proposals import proposal_for
from seed.questions.sheet import Asked, Sheet, read_sheet
from seed.reader.as_plan import as_plan
from seed.reader.bodies import Bodies
from seed.reader.files import reading_of, stored
from seed.reader.reading import Reading
from seed.refusals import NoticeRefusedError
from seed.restore import Restored
from seed.review.places import places_of, visible
from seed.safe_files import read_bytes
from seed.simplify import received_script
from seed.sources import Source
from seed.yaml_files import read_yaml


@dataclass(frozen=True)
class PlanReading:
    """A plan as it is read now."""

    plan: str
    folder: Path
    editorial: Editorial
    extraction: Extraction
    reading: Reading
    restored: Restored
    raw_sha256: str
    sheet: Sheet
    applied: tuple[Decided, ...]
    bodies: Bodies

    @property
    def is_finished(self) -> bool:
        """Whether no question is open."""
        return not self.reading.questions

    @property
    def signs_acknowledged(self) -> int:
        """How many signs of a wrong reading a person acknowledged."""
        return sum(one.kind.startswith("sign_") for one in self.applied)

    @property
    def without_question(self) -> list[Decided]:
        """Decisions for words that have changed, or that a newer reader does not ask about."""
        ids = {one.question for one in self.applied}
        found = [one for one in self.sheet.decided.values() if one.question not in ids]
        return [one for one in found if isinstance(one.value, str)]

    def notice(self, source: Source) -> ReadNotice:
        """The notice that is stored.  Raises NoticeRefusedError for open questions."""
        registry = source.registry.of_jurisdiction(self.editorial.jurisdiction)
        plan = as_plan(self.reading, self.plan, registry, self.editorial)
        return ReadNotice(plan, self.restored, self.raw_sha256)

    def asked(self, numbers: Iterable[Asked] = ()) -> tuple[Asked, ...]:
        """The open questions as they are listed; those of an earlier list keep their numbers."""
        before = {one.question: one.number for one in numbers}
        last = max(before.values(), default=0)
        places = places_of(self.reading, self.extraction)
        found = []
        for question in self.reading.questions:
            identity = identify(question, self.reading)
            if identity not in before:
                before[identity] = last = last + 1
            place = "the whole notice"
            if question.span:
                line = self.reading.text.line_of(question.span.start)
                place = f"paragraph {line}" + (f" ({places[line]})" if line in places else "")
            found.append(
                Asked(
                    before[identity],
                    identity,
                    question.kind,
                    place,
                    visible(question, self.reading),
                    question.expected,
                    proposal_for(question, self.reading, self.bodies),
                )
            )
        return tuple(sorted(found, key=lambda one: one.number))


def read_plan(folder: Path, source: Source, sheet: Sheet | None = None) -> PlanReading:
    """Read a plan's folder, whose name is its id.

    Raises NoticeRefusedError with what is wrong and what was expected.
    """
    if not PLAN_ID.fullmatch(folder.name):
        raise NoticeRefusedError(None, f"the folder {folder.name}", "an id such as gd-dg-2022")
    if folder.is_symlink():
        raise NoticeRefusedError(None, f"{folder.name} is a link", "a folder")
    editorial = read_editorial(folder / "editorial.yaml")
    sheet = read_sheet(folder) if sheet is None else sheet
    raw_sha256 = _received(folder)
    extraction, restored = stored(folder, editorial)
    bodies = source.bodies(editorial.jurisdiction)
    reading = reading_of(extraction, bodies, editorial)
    applied = apply_decisions(reading, sheet.decided, bodies)
    if restored is None:
        text = reading.text.text
        restored = Restored(text, (), received_script(text))
    return PlanReading(
        folder.name, folder, editorial, extraction, reading, restored, raw_sha256, sheet,
        tuple(applied), bodies,
    )  # fmt: skip


def _received(folder: Path) -> str:
    """The SHA-256 of the file as received, which must be the one that intake stored."""
    about = folder / "source.yaml"
    if not about.exists():
        return hashlib.sha256(read_bytes(folder / "raw.txt", MOST_BYTES)).hexdigest()
    given = read_yaml(about)
    name = given.get("stored_as") if isinstance(given, dict) else None
    if not isinstance(name, str) or not name.startswith("raw.") or Path(name).name != name:
        raise NoticeRefusedError(None, "source.yaml of another shape", "the file that intake wrote")
    digest = hashlib.sha256(read_bytes(folder / name, MOST_BYTES)).hexdigest()
    if digest != given.get("sha256"):
        raise NoticeRefusedError(
            None, f"{name} is not the file that was received", f"SHA-256 {given.get('sha256')}"
        )
    return digest
