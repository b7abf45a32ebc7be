"""One way to ask for a database, of either kind: empty, or loaded with the real notice."""

import fcntl
import shutil
import sqlite3
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, make_url, update

from app.db.engine import open_engine
from app.db.models import Revision
from seed.load import load
from seed.notice_files import NOTICES, read_notice
from seed.registry import read_registry
from tests.support import EPOCH, LOADED_AT, PLAN, ROOT
from tests.support.postgresql import Server
from tests.support.reuse import Marks, Original, marks_of


def migrated(url: str) -> Engine:
    """An engine on a database that the migrations have built."""
    engine = open_engine(url)
    config = Config(toml_file=ROOT / "pyproject.toml")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.execute(update(Revision).values(epoch=EPOCH))
    return engine


def make_tables(url: str) -> None:
    """Build an empty database."""
    migrated(url).dispose()


def fill(url: str, at: datetime = LOADED_AT) -> None:
    """Build a database, unless its tables are there, and load the notice."""
    registry = read_registry()
    engine = migrated(url)
    load(engine, registry, [read_notice(NOTICES / PLAN, registry)], at)
    engine.dispose()


@dataclass(frozen=True)
class Template:
    """A database that others are copied from, made once in a run: of another, or of an empty one."""

    name: str
    make: Callable[[str], object]
    of: "Template | None"


# Migrations take 0.5 s, and as much of the server: what is loaded begins with these.
TABLES = Template("tables", make_tables, None)
LOADED = Template("loaded", fill, TABLES)


class Databases(ABC):
    """Databases of one kind; each is for who asked, and gone after it."""

    kind: str

    def __init__(self, server: Server, worker: str) -> None:
        self.server, self.worker = server, worker
        self.folder = Path(server.folder)
        self.numbers = count(1)
        self.made: set[str] = set()  # templates that this process knows to be there

    @contextmanager
    def empty(self) -> Iterator[str]:
        """The URL of one without any table."""
        with self._new(None) as url:
            yield url

    def with_tables(self) -> AbstractContextManager[str]:
        """The URL of one that migrations have built, without a notice."""
        return self.copy(TABLES)

    def loaded(self) -> AbstractContextManager[str]:
        """The URL of one that migrations have built and the notice has filled."""
        return self.copy(LOADED)

    def copy_of(
        self, name: str, make: Callable[[str], object], of: Template | None = TABLES
    ) -> AbstractContextManager[str]:
        """The URL of one like that which is made of another, once in a run."""
        return self.copy(Template(name, make, of))

    @contextmanager
    def copy(self, template: Template) -> Iterator[str]:
        """The URL of one like a template."""
        with self._new(self.template(template)) as url:
            yield url

    def template(self, template: Template) -> str:
        """The name of the database that others are copied from, which is there now."""
        name = template.name
        if name not in self.made:
            of = self.template(template.of) if template.of else None
            with (self.folder / f"{self.kind}.lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                if not self._is_there(name):
                    self._remove("unfinished")
                    template.make(self._create("unfinished", of))
                    self._rename("unfinished", name)
            self.made.add(name)
        return name

    @contextmanager
    def _new(self, template: str | None) -> Iterator[str]:
        name = f"{self.worker}_{next(self.numbers)}"
        try:
            yield self._create(name, template)
        finally:
            self._remove(name)

    @abstractmethod
    def restore(self, url: str) -> None:
        """Put the loaded database in the place of one that others have open."""

    @abstractmethod
    def _create(self, name: str, template: str | None) -> str: ...

    @abstractmethod
    def _is_there(self, name: str) -> bool: ...

    @abstractmethod
    def _rename(self, name: str, other: str) -> None: ...

    @abstractmethod
    def _remove(self, name: str) -> None:
        """Before it is written to a disk; it may be in use, or not there."""


class SQLite(Databases):
    """A file each, in a folder of its own."""

    kind = "sqlite"

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.sqlite" / "workplan.db"

    def restore(self, url: str) -> None:
        source = sqlite3.connect(self._path(self.template(LOADED)))
        target = sqlite3.connect(str(make_url(url).database))
        source.backup(target)
        source.close()
        target.close()

    def _create(self, name: str, template: str | None) -> str:
        path = self._path(name)
        path.parent.mkdir()
        if template:
            shutil.copy(self._path(template), path)
        return f"sqlite:///{path}"

    def _is_there(self, name: str) -> bool:
        return self._path(name).exists()

    def _rename(self, name: str, other: str) -> None:
        self._path(name).parent.rename(self._path(other).parent)

    def _remove(self, name: str) -> None:
        shutil.rmtree(self._path(name).parent, ignore_errors=True)


class PostgreSQL(Databases):
    """All on the server of the run."""

    kind = "postgresql"

    def __init__(self, server: Server, worker: str) -> None:
        super().__init__(server, worker)
        self.originals: dict[str, Original] = {}  # of each template
        self.free: defaultdict[str, list[tuple[str, Marks]]] = defaultdict(
            list
        )  # that were put back

    @contextmanager
    def copy(self, template: Template) -> Iterator[str]:
        name, free = template.name, self.free[template.name]
        copy, marks = free.pop() if free else self._another(self.template(template))
        url = self.server.url_of(copy)
        back = None
        try:
            yield url
            back = self.originals[name].put_back(copy, url, marks)
        finally:
            if back is None:
                self._remove(copy)
        free += [(copy, back)] if back else []

    def _another(self, template: str) -> tuple[str, Marks]:
        copy = f"{self.worker}_{next(self.numbers)}"
        url = self._create(copy, template)
        if template not in self.originals:
            self.originals[template] = Original.of(url)
        return copy, marks_of(url)

    def restore(self, url: str) -> None:
        name = str(make_url(url).database)
        self._remove(name)
        self._create(name, self.template(LOADED))

    def _create(self, name: str, template: str | None) -> str:
        of = f" TEMPLATE {template} STRATEGY file_copy" if template else ""
        self.server.execute(f"CREATE DATABASE {name}{of}")
        return self.server.url_of(name)

    def _is_there(self, name: str) -> bool:
        return self.server.has(name)

    def _rename(self, name: str, other: str) -> None:
        self.server.execute(f"ALTER DATABASE {name} RENAME TO {other}")

    def _remove(self, name: str) -> None:
        self.server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
