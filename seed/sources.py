"""Where plans come from: the repository, the operator's folder, the examples; each with its registry."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from seed.notice_files import NOTICES
from seed.plan_ids import ADDITIONS, SHAPE
from seed.reader.bodies import Bodies, Known, known_from
from seed.refusals import NoticeRefusedError
from seed.registry import FOLDER, Registry, read_registry

EXAMPLES = Path(__file__).parent / "examples"


@dataclass(frozen=True)
class Source:
    """A folder of plans, and the registry by which they are read."""

    kind: str  # repository | operator | example
    folder: Path
    registry_folder: Path = FOLDER

    @property
    def additions(self) -> Path | None:
        """Its own registry entries, which are laid over the repository's."""
        return None if self.kind == "repository" else self.folder / ADDITIONS

    @cached_property
    def registry(self) -> Registry:
        """The registry by which its plans are read.  Raises NoticeRefusedError."""
        return read_registry(self.registry_folder, [self.additions] if self.additions else [])

    @cached_property
    def known(self) -> Known:
        """The bodies and governments of its registry."""
        return known_from(self.registry)

    def bodies(self, jurisdiction: str) -> Bodies:
        """The bodies that are known in a notice of this government."""
        return Bodies(self.known, jurisdiction)

    def refresh(self) -> None:
        """Read the registry again when it is next asked for."""
        for name in ("registry", "known"):
            self.__dict__.pop(name, None)

    def plan_folders(self) -> Iterator[Path]:
        """The folder of each plan, in order of the ids; also one that is broken."""
        if self.folder.is_dir():
            for path in sorted(self.folder.iterdir()):
                hidden = path.name.startswith(".") or path.name == ADDITIONS
                if not hidden and (path.is_dir() or path.is_symlink()):
                    yield path


def sources(
    operator: Path, notices: Path = NOTICES, registry: Path = FOLDER, *, examples: bool = False
) -> list[Source]:
    """The repository's plans, the operator's, and the examples where asked."""
    found = [Source("repository", notices, registry), Source("operator", operator, registry)]
    return found + ([Source("example", EXAMPLES, registry)] if examples else [])


def find_plan(plan: str, places: list[Source]) -> tuple[Source, Path]:
    """The folder of a plan, the operator's before the repository's.

    Raises NoticeRefusedError where there is none.
    """
    if SHAPE.fullmatch(plan) and plan != ADDITIONS:
        for source in sorted(places, key=lambda one: one.kind != "operator"):
            if (source.folder / plan).is_dir():
                return source, source.folder / plan
    where = " or ".join(str(source.folder) for source in places)
    raise NoticeRefusedError(
        None, f"no plan {plan} in {where}", "the id that seed intake was given"
    )
