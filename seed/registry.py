"""The hand-written registries: agencies, regions, platforms, and who is meant by a name."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import MISSING, dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

from app.enums import AgencyKind, PlatformKind
from seed.refusals import NoticeRefusedError
from seed.yaml_files import read_yaml

ID = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
FOLDER = Path(__file__).parent / "registry"
OPTIONAL = ("english_name", "parent")  # may be null
KINDS_OF_MEMBERS = tuple(kind for kind in AgencyKind if kind is not AgencyKind.COLLECTIVE)
PREFIXES = ("省委", "省", "市委", "市")  # what 、 hands on, longest first


@dataclass(frozen=True)
class Agency:
    """A body that a notice gives work to; the fields are those of `registry/agencies.yaml`."""

    id: str
    name: str
    official_name: str
    english_name: str | None
    kind: str
    region: str
    aliases: tuple[str, ...]
    members: str | None = None  # of a collective: it means every agency of this kind in its region

    @property
    def names(self) -> tuple[str, ...]:
        """Every form of the name, the one of official lists first."""
        return (self.name, self.official_name, *self.aliases)


@dataclass(frozen=True)
class Region:
    """A place with its GB/T 2260 code."""

    code: str
    name: str
    aliases: tuple[str, ...]


@dataclass(frozen=True)
class Platform:
    """A system, brand or initiative that a notice names."""

    id: str
    name: str
    kind: str
    aliases: tuple[str, ...]
    region: str | None = None  # its name means it in notices of this government's chain alone


@dataclass(frozen=True)
class Body:
    """A body that only the reader knows; the fields are those of `registry/bodies.yaml`."""

    id: str
    name: str
    official_name: str
    kind: str
    region: str
    aliases: tuple[str, ...]


@dataclass(frozen=True)
class Government:
    """A government by its code; the fields are those of `registry/governments.yaml`."""

    code: str
    name: str
    level: str
    parent: str | None
    prefix: str
    aliases: tuple[str, ...]


@dataclass(frozen=True)
class Registry:
    """Everything that names can mean."""

    agencies: tuple[Agency, ...]
    regions: tuple[Region, ...]
    platforms: tuple[Platform, ...]
    bodies: tuple[Body, ...] = ()
    governments: tuple[Government, ...] = ()

    def of_jurisdiction(self, code: str) -> "Registry":
        """Only the agencies and places of a government's chain and of those below it.

        The chain is that of the registry's parents, never of digits: a sibling is not in it.
        """
        parents = {government.code: government.parent for government in self.governments}
        if code not in parents:
            raise NoticeRefusedError(
                None, f"jurisdiction {code}", "a code of registry/governments.yaml"
            )
        chain = _chain(code, parents)
        seen = {one for one in parents if one in chain or code in _chain(one, parents)}
        return Registry(
            tuple(a for a in self.agencies if a.region in seen),
            tuple(r for r in self.regions if r.code in seen),
            tuple(p for p in self.platforms if p.region is None or p.region in seen),
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
    def places(self) -> dict[str, Region]:
        """Names of cities, and the place; the province itself is in every line."""
        return {
            name: region
            for region in self.regions
            if not region.code.endswith("0000")
            for name in (region.name, *region.aliases)
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


def _chain(code: str, parents: dict[str, str | None]) -> list[str]:
    """A government and those above it."""
    found: list[str] = []
    at: str | None = code
    while at is not None and at not in found:
        found.append(at)
        at = parents.get(at)
    return found


# In the order of Registry's fields.
FILES: dict[str, type] = {
    "agencies.yaml": Agency,
    "regions.yaml": Region,
    "platforms.yaml": Platform,
    "bodies.yaml": Body,
    "governments.yaml": Government,
}


def read_registry(folder: Path = FOLDER, additions: Iterable[Path] = ()) -> Registry:
    """The registries of a folder, with those of further folders laid over it.

    Additions add and never replace.  Refuses an id, a code or a name that appears twice.
    """
    entries = {name: [*_read(folder / name, kind)] for name, kind in FILES.items()}
    for more in additions:
        add_entries(entries, more)
    registry = Registry(*(tuple(entries[name]) for name in FILES))
    everyone: list[Agency | Body] = [*registry.agencies, *registry.bodies]
    once = [
        *(a.id for a in everyone),
        *(f"government {government.code}" for government in registry.governments),
        *(p.id for p in registry.platforms),
        *(r.code for r in registry.regions),
        *(name for r in registry.regions for name in (r.name, *r.aliases)),
        *(name for p in registry.platforms for name in (p.name, *p.aliases)),
    ]
    for double in {x for x in once if once.count(x) > 1}:
        raise NoticeRefusedError(None, f"{double} twice in the registry", "each once")
    kinded: list[tuple[Agency | Platform, tuple[str, ...]]] = [
        *((agency, tuple(AgencyKind)) for agency in registry.agencies),
        *((platform, tuple(PlatformKind)) for platform in registry.platforms),
    ]
    for entry, kinds in kinded:
        if not ID.fullmatch(entry.id) or entry.kind not in kinds:
            raise NoticeRefusedError(
                None, f"{entry.id} of kind {entry.kind}", f"an id in a-z, 0-9, -, and {kinds}"
            )
    codes = {region.code for region in registry.regions}
    for agency in registry.agencies:
        if agency.region not in codes:
            raise NoticeRefusedError(
                None, f"{agency.id} in region {agency.region}", "a code of registry/regions.yaml"
            )
        if agency.members is not None and (
            agency.kind != AgencyKind.COLLECTIVE or agency.members not in KINDS_OF_MEMBERS
        ):
            raise NoticeRefusedError(
                None,
                f"{agency.id} with members of kind {agency.members}",
                f"members only at a collective, and one of {KINDS_OF_MEMBERS}",
            )
    known = {government.code for government in registry.governments}
    for code in [
        *(body.region for body in everyone),
        *(one.parent for one in registry.governments if one.parent),
    ]:
        if code not in known:
            raise NoticeRefusedError(
                None, f"the government {code}", "a code of registry/governments.yaml"
            )
    return registry


def add_entries(entries: dict[str, list[Any]], folder: Path) -> None:
    """Add the files of a folder, which may have some of a registry's files or none."""
    for path in sorted(folder.glob("*.yaml")) if folder.is_dir() else ():
        if path.name not in FILES:
            raise NoticeRefusedError(
                None, f"{path.name} among registry additions", f"a file of {', '.join(FILES)}"
            )
        for entry in _read(path, FILES[path.name]):
            _refuse_what_is_there(entry, entries, path.name)
            entries[path.name].append(entry)


def _refuse_what_is_there(entry: Any, entries: dict[str, list[Any]], file: str) -> None:
    """An addition has an id of its own and, among the bodies of its government, names of its own."""
    key = _key(entry)
    bodies = (Agency, Body)
    for other in (one for same in entries.values() for one in same):
        alike = isinstance(other, bodies if isinstance(entry, bodies) else type(entry))
        if alike and _key(other) == key:
            raise NoticeRefusedError(
                None,
                f"{file}: {key} is registered already, as {other.name}",
                "an entry of its own, with another id or code, or none: an addition never replaces",
            )
        if alike and isinstance(other, bodies) and other.region == entry.region:
            for name in sorted(_names(other) & _names(entry)):
                raise NoticeRefusedError(
                    None,
                    f"{file}: {key} has the name {name}, which is {other.id}",
                    "a name that no other body of that government has, or no entry",
                )


def _key(entry: Any) -> str:
    return str(entry.code if isinstance(entry, Region | Government) else entry.id)


def _names(body: Agency | Body) -> set[str]:
    return {body.name, body.official_name, *body.aliases}


def check_additions(registry: Registry, additions: Iterable[Any], file: str) -> None:
    """Refuse bodies that cannot be laid over a registry; `file` names them in the message."""
    entries = {
        name: [*entries] for name, entries in zip(FILES, vars(registry).values(), strict=False)
    }
    codes = {government.code for government in registry.governments}
    for given in additions:
        body = _entry(given, Body, file)
        _refuse_what_is_there(body, entries, file)
        if not ID.fullmatch(body.id):
            raise NoticeRefusedError(None, f"{file}: id {body.id}", "an id in a-z, 0-9 and -")
        if body.region not in codes:
            raise NoticeRefusedError(
                None, f"{file}: the government {body.region}", "a code of registry/governments.yaml"
            )
        entries[file].append(body)


def _read(path: Path, kind: type) -> Iterator[Any]:
    entries = read_yaml(path)
    for entry in entries if isinstance(entries, list) else [entries]:
        yield _entry(entry, kind, path.name)


def _entry(entry: Any, kind: type, file: str) -> Any:
    names = [field.name for field in fields(kind)]
    needed = {field.name for field in fields(kind) if field.default is MISSING}
    if not isinstance(entry, dict) or not needed <= set(entry) <= set(names):
        raise NoticeRefusedError(None, f"{file}: {entry}", f"the fields {names}")
    texts = [value for name, value in entry.items() if name != "aliases"]
    aliases = entry["aliases"]
    for name in OPTIONAL:
        if entry.get(name, "") is None:
            texts.remove(None)
    if not isinstance(aliases, list) or not all(
        isinstance(text, str) and text for text in (*texts, *aliases)
    ):
        raise NoticeRefusedError(None, f"{file}: {entry}", "texts, and a list of aliases")
    return kind(**{**entry, "aliases": tuple(aliases)})
