"""The hand-written registries: agencies, governments, platforms, and who is meant by a name."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import MISSING, dataclass, fields
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from app.enums import AgencyKind, PlatformKind, SuccessionKind
from seed.governments import GOVERNMENTS, ID, Government, check_governments, circle_of
from seed.refusals import NoticeRefusedError
from seed.yaml_files import read_yaml

FOLDER = Path(__file__).parent / "registry"
KINDS_OF_MEMBERS = tuple(kind for kind in AgencyKind if kind is not AgencyKind.COLLECTIVE)
PREFIXES = ("省委", "省", "市委", "市")  # what 、 hands on, longest first


@dataclass(frozen=True)
class OfficialName:
    """An official name with its first and last day, as far as they are known."""

    name: str
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True)
class Predecessor:
    """An agency that went over into another one, and when, if that is known."""

    agency: str
    how: str
    on: date | None = None


@dataclass(frozen=True)
class Agency:
    """A body that a notice gives work to; the fields of `agencies.yaml` and `bodies.yaml`."""

    id: str
    name: str
    official_name: str
    kind: str
    region: str
    aliases: tuple[str, ...]
    english_name: str | None = None
    members: str | None = (
        None  # of a collective: every agency of this kind just below its government
    )
    official_names: tuple[OfficialName, ...] = ()  # with their dates, past ones included
    predecessors: tuple[Predecessor, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Every form of the name, the one of official lists first."""
        official = (one.name for one in self.official_names)
        return tuple(dict.fromkeys((self.name, self.official_name, *official, *self.aliases)))

    @property
    def dated_names(self) -> tuple[OfficialName, ...]:
        """The official names; without dates, the one that is in use."""
        return self.official_names or (OfficialName(self.official_name),)


@dataclass(frozen=True)
class Platform:
    """A system, brand or initiative that a notice names."""

    id: str
    name: str
    kind: str
    aliases: tuple[str, ...]
    region: str | None = None  # its name means it in notices of this government's chain alone


@dataclass(frozen=True)
class Registry:
    """Everything that names can mean.

    `bodies` are known to the reader beside `agencies`; the database holds those that a plan refers to.
    """

    agencies: tuple[Agency, ...]
    platforms: tuple[Platform, ...]
    governments: tuple[Government, ...]
    bodies: tuple[Agency, ...] = ()

    @property
    def everyone(self) -> tuple[Agency, ...]:
        """All agencies, in the order of the registry."""
        return (*self.agencies, *self.bodies)

    @cached_property
    def by_code(self) -> dict[str, Government]:
        """The governments by their codes."""
        return {government.code: government for government in self.governments}

    def chain(self, code: str) -> list[Government]:
        """A government and those above it, the nation last.  Refuses an unknown code."""
        found: list[Government] = []
        at: str | None = code
        while at is not None:
            if at not in self.by_code:
                raise NoticeRefusedError(
                    None,
                    f"jurisdiction {code}",
                    "a code of registry/governments.yaml: add its line there, or mend editorial.yaml",
                )
            found.append(self.by_code[at])
            at = self.by_code[at].parent
        return found

    def within(self, *codes: str) -> list[Government]:
        """Governments and all below them, in the order of the registry; each is visited once."""
        found, next_ones = set(), [*codes]
        while next_ones:
            at = next_ones.pop()
            if at not in found:
                found.add(at)
                next_ones += self._children.get(at, ())
        return [one for one in self.governments if one.code in found]

    @cached_property
    def _children(self) -> dict[str | None, list[str]]:
        found: dict[str | None, list[str]] = {}
        for one in self.governments:
            found.setdefault(one.parent, []).append(one.code)
        return found

    @cached_property
    def collectives(self) -> dict[tuple[str | None, str], list[Agency]]:
        """A government and a kind of agency → the collectives of these agencies just below it."""
        found: dict[tuple[str | None, str], list[Agency]] = {}
        for one in self.everyone:
            if one.members:
                found.setdefault((one.region, one.members), []).append(one)
        return found

    def of_jurisdiction(self, code: str) -> "Registry":
        """Only the agencies, platforms and governments of a government's chain and of those below it.

        The chain is that of the registry's parents, never of digits: a sibling is not in it.
        """
        seen = {one.code for one in (*self.chain(code), *self.within(code))}
        return Registry(
            tuple(a for a in self.agencies if a.region in seen),
            tuple(p for p in self.platforms if p.region is None or p.region in seen),
            tuple(one for one in self.governments if one.code in seen),
        )

    @cached_property
    def full_names(self) -> dict[str, Agency]:
        """Names that stand by themselves in a clause, and who is meant.

        司法厅 is none: it is short for 省司法厅 and needs a prefix handed on.
        """
        found: dict[str, Agency] = {}
        for agency in self.agencies:
            for name in agency.names:
                if any(prefix + name in agency.names for prefix in PREFIXES):
                    continue
                found.setdefault(name, agency)
                if found[name] is not agency:
                    del found[name]  # shared by two bodies: no clause may rest on it
        return dict(sorted(found.items(), key=lambda item: -len(item[0])))

    @cached_property
    def places(self) -> dict[str, Government]:
        """Names of cities and counties, and the place; the province itself is in every line."""
        return {
            name: government
            for government in self.governments
            if government.level in ("city", "county")
            for name in (government.name, *government.aliases)
        }

    @cached_property
    def platform_names(self) -> dict[str, Platform]:
        """Names of platforms, and the platform."""
        return {name: p for p in self.platforms for name in (p.name, *p.aliases)}

    def named_in(self, text: str) -> Iterator[tuple[int, str]]:
        """Where the text names anything of the registry: start and name, longest match first."""
        names = sorted(
            {*self.full_names, *self.places, *self.platform_names}, key=len, reverse=True
        )
        by_first: dict[str, list[str]] = {}
        for name in names:
            by_first.setdefault(name[0], []).append(name)
        position = 0
        while position < len(text):
            for name in by_first.get(text[position], ()):
                if text.startswith(name, position):
                    yield position, name
                    position += len(name)
                    break
            else:
                position += 1


# In the order of Registry's fields.
FILES: dict[str, type] = {
    "agencies.yaml": Agency,
    "platforms.yaml": Platform,
    GOVERNMENTS: Government,
    "bodies.yaml": Agency,
}


def read_registry(folder: Path = FOLDER, additions: Iterable[Path] = ()) -> Registry:
    """The registries of a folder, with those of further folders laid over it.

    Additions add and never replace.  Refuses an id, a code or a name that appears twice.
    """
    entries = {name: [*_read(folder / name, kind)] for name, kind in FILES.items()}
    for more in additions:
        _add_entries(entries, more)
    return _registry_of(entries)


def check_additions(registry: Registry, additions: Iterable[Any], file: str) -> None:
    """Refuse entries that cannot be laid over a registry; `file` is the one that they are for."""
    entries = {
        name: [*entries] for name, entries in zip(FILES, vars(registry).values(), strict=False)
    }
    _add(entries, (_entry(given, FILES[file], file) for given in additions), file)
    _registry_of(entries)


def _registry_of(entries: dict[str, list[Any]]) -> Registry:
    """The registry with these entries, which must agree with one another."""
    registry = Registry(*(tuple(entries[name]) for name in FILES))
    once = [
        *(agency.id for agency in registry.everyone),
        *(f"government {government.code}" for government in registry.governments),
        *(p.id for p in registry.platforms),
        *(name for p in registry.platforms for name in (p.name, *p.aliases)),
    ]
    for double in (one for one, times in Counter(once).items() if times > 1):
        raise NoticeRefusedError(None, f"{double} twice in the registry", "each once")
    kinded: list[tuple[str, str, tuple[str, ...]]] = [
        *((agency.id, agency.kind, tuple(AgencyKind)) for agency in registry.everyone),
        *((platform.id, platform.kind, tuple(PlatformKind)) for platform in registry.platforms),
    ]
    for id_, kind, kinds in kinded:
        if not ID.fullmatch(id_) or kind not in kinds:
            raise NoticeRefusedError(
                None, f"{id_} of kind {kind}", f"an id in a-z, 0-9, -, and {kinds}"
            )
    check_governments(registry.governments)
    places: list[tuple[str, str | None]] = [
        *((agency.id, agency.region) for agency in registry.everyone),
        *((platform.id, platform.region) for platform in registry.platforms),
    ]
    for id_, code in places:
        if code is not None and code not in registry.by_code:
            raise NoticeRefusedError(
                None,
                f"{id_} of region {code}, which no government has as its code",
                f"a code of {GOVERNMENTS}, or the government's line there",
            )
    ids = {agency.id for agency in registry.everyone}
    for agency in registry.everyone:
        if agency.members is not None and (
            agency.kind != AgencyKind.COLLECTIVE or agency.members not in KINDS_OF_MEMBERS
        ):
            raise NoticeRefusedError(
                None,
                f"{agency.id} with members of kind {agency.members}",
                f"members only at a collective, and one of {KINDS_OF_MEMBERS}",
            )
        if agency.official_name not in {one.name for one in agency.dated_names}:
            raise NoticeRefusedError(
                None, f"{agency.id}: official_names", f"{agency.official_name} among them"
            )
        for before in agency.predecessors:
            if before.agency not in ids - {agency.id} or before.how not in tuple(SuccessionKind):
                raise NoticeRefusedError(
                    None,
                    f"{agency.id} after {before.agency}, {before.how}",
                    f"the id of another agency, and one of {[*SuccessionKind]}",
                )
    _refuse_circles(registry)
    return registry


def _refuse_circles(registry: Registry) -> None:
    """No agency comes after itself, through whatever others."""
    after = {one.id: [other.agency for other in one.predecessors] for one in registry.everyone}
    if circle := circle_of(after):
        raise NoticeRefusedError(
            None,
            f"predecessors in a circle: {' before '.join(circle)}",
            "the ids of agencies that were there before",
        )


def _add_entries(entries: dict[str, list[Any]], folder: Path) -> None:
    """Add the files of a folder, which may have some of a registry's files or none."""
    for path in sorted(folder.glob("*.yaml")) if folder.is_dir() else ():
        if path.name not in FILES:
            raise NoticeRefusedError(
                None, f"{path.name} among registry additions", f"a file of {', '.join(FILES)}"
            )
        _add(entries, _read(path, FILES[path.name]), path.name)


def _add(entries: dict[str, list[Any]], more: Iterable[Any], file: str) -> None:
    for entry in more:
        _refuse_what_is_there(entry, entries, file)
        entries[file].append(entry)


def _refuse_what_is_there(entry: Any, entries: dict[str, list[Any]], file: str) -> None:
    """An addition has an id of its own and, among the bodies of its government, names of its own."""
    key = _key(entry)
    for other in (one for same in entries.values() for one in same):
        alike = isinstance(other, type(entry))
        if alike and _key(other) == key:
            raise NoticeRefusedError(
                None,
                f"{file}: {key} is registered already, as {other.name}",
                "an entry of its own, with another id or code, or none: an addition never replaces",
            )
        if alike and isinstance(other, Agency) and other.region == entry.region:
            for name in sorted({*other.names} & {*entry.names}):
                raise NoticeRefusedError(
                    None,
                    f"{file}: {key} has the name {name}, which is {other.id}",
                    "a name that no other body of that government has, or no entry",
                )


def _key(entry: Any) -> str:
    return str(entry.code if isinstance(entry, Government) else entry.id)


def _read(path: Path, kind: type) -> Iterator[Any]:
    entries = read_yaml(path) or []  # a file whose entries were all deleted
    for entry in entries if isinstance(entries, list) else [entries]:
        yield _entry(entry, kind, path.name)


PARTS = {"official_names": OfficialName, "predecessors": Predecessor}


def _entry(entry: Any, kind: type, file: str) -> Any:
    """An entry of a registry, or a part of one."""
    names = [field.name for field in fields(kind)]
    needed = {field.name for field in fields(kind) if field.default is MISSING}
    if not isinstance(entry, dict) or not needed <= set(entry) <= set(names):
        raise NoticeRefusedError(None, f"{file}: {entry}", f"the fields {names}")
    values: dict[str, Any] = {}
    for name, value in entry.items():
        if name in PARTS and isinstance(value, list):
            values[name] = tuple(_entry(one, PARTS[name], file) for one in value)
        elif name == "aliases" and isinstance(value, list) and all(map(_is_text, value)):
            values[name] = tuple(value)
        elif name not in ("aliases", *PARTS) and _fits(name, value):
            values[name] = value
        else:
            raise NoticeRefusedError(
                None, f"{file}: {entry}", "texts, days as YYYY-MM-DD, and lists"
            )
    return kind(**values)


def _fits(name: str, value: Any) -> bool:
    """Whether a field may have a value."""
    if name in ("valid_from", "valid_to", "on"):
        return value is None or type(value) is date
    if name == "is_example":
        return isinstance(value, bool)
    return _is_text(value) or (value is None and name in ("english_name", "parent"))


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)
