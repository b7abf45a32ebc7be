"""A notice's folder: what lies there by hand, and what reading writes beside it.

raw.txt          as received, byte for byte          by hand
editorial.yaml   what a person decided               by hand
notice.txt       restored text                       written
corrections.yaml what restoring changed              written
plan.yaml        what the notice says                written
"""

import hashlib
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path

from seed.editorial import read_editorial
from seed.plan import Plan
from seed.plan_ids import plan_id
from seed.reader.as_plan import parse
from seed.refusals import NoticeRefusedError
from seed.registry import Registry
from seed.restore import Restored, decode, restore
from seed.safe_files import write_at_once
from seed.source_pages import SourcePages
from seed.yaml_files import yaml_text

NOTICES = Path(__file__).parent / "notices"
GENERATED = ("notice.txt", "corrections.yaml", "plan.yaml")
HEADER = "# Written by `python -m seed read`; change raw.txt, editorial.yaml or the code instead.\n"


@dataclass(frozen=True)
class ReadNotice:
    """A notice that was read from its folder: the plan, its text, and proof of the source."""

    plan: Plan
    restored: Restored
    raw_sha256: str
    address: str | None = None  # of the source, and when it was got from there, if that is known
    retrieved_on: date | None = None
    source: SourcePages = field(default_factory=SourcePages)  # of a PDF

    @property
    def text_sha256(self) -> str:
        """SHA-256 of the restored text in UTF-8, as hexadecimal digits."""
        return hashlib.sha256(self.restored.text.encode()).hexdigest()

    def files(self) -> dict[str, str]:
        """The files that reading writes, by name."""
        return {
            "notice.txt": self.restored.text,
            "corrections.yaml": HEADER + yaml_text([asdict(c) for c in self.restored.corrections]),
            "plan.yaml": HEADER + yaml_text(asdict(self.plan)),
        }


def read_notice(folder: Path, registry: Registry) -> ReadNotice:
    """Restore and parse `raw.txt` of a folder, whose name is the plan's id.

    Raises NoticeRefusedError with the line and what was expected.
    """
    plan_id(folder.name)
    if not (folder / "raw.txt").is_file():
        raise NoticeRefusedError(None, f"no {folder.name}/raw.txt", "the notice as received")
    raw = (folder / "raw.txt").read_bytes()
    editorial = read_editorial(folder / "editorial.yaml")
    restored = restore(decode(raw), editorial.lost)
    plan = parse(restored.text, folder.name, registry, editorial)
    return ReadNotice(plan, restored, hashlib.sha256(raw).hexdigest())


def write_files(folder: Path, notice: ReadNotice) -> list[str]:
    """Write what differs; gives the names of the files that changed."""
    changed = _differing(folder, notice)
    for name, content in changed.items():
        write_at_once(folder / name, content)
    return [*changed]


def differing_files(folder: Path, notice: ReadNotice) -> list[str]:
    """The written files that are not what reading gives now."""
    return [*_differing(folder, notice)]


def _differing(folder: Path, notice: ReadNotice) -> dict[str, bytes]:
    """The files that are not what reading gives now, as they should be."""
    contents = {name: content.encode() for name, content in notice.files().items()}
    return {
        name: content
        for name, content in contents.items()
        if not (folder / name).is_file() or (folder / name).read_bytes() != content
    }
