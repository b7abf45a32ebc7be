"""The input and the result of a write command."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from app.clock import day_in_china
from app.db.compiled import Read, Values
from app.db.models import Withdrawal
from app.enums import Script
from app.http.etags import entity_tag, last_modified, matches_strongly
from app.http.languages import in_script
from app.http.problems import PreconditionFailedError, PreconditionRequiredError
from app.projections.feed_entries import Stored
from app.settings import Settings
from app.writing.audit_log import digest_of
from app.writing.keys import Caller
from app.writing.statements import Statements


@dataclass(frozen=True)
class Write:
    """The context of a command: its statements, caller and time."""

    statements: Statements
    caller: Caller
    now: datetime
    settings: Settings
    if_match: str | None
    stored: list[Stored] = field(default_factory=list)  # published together, in this order

    @property
    def session(self) -> Session:
        """The transaction, for statements that are executed at once."""
        return self.statements.session

    def rows(self, read: Read, values: Values) -> list[Any]:
        """The rows of a read."""
        return self.statements.rows(read, values)

    def unless_changed(self, document: str) -> None:
        """Refuse a change if `If-Match` is not current (RFC 9110, section 13.1.1)."""
        if self.if_match is None:
            raise PreconditionRequiredError
        converted = in_script(document, Script.HANT).encode()
        etags = (entity_tag(document.encode()), entity_tag(converted, "-hant"))
        if not matches_strongly(etags, self.if_match):
            raise PreconditionFailedError

    @property
    def today(self) -> date:
        """The day in China."""
        return day_in_china(self.now)


@dataclass(frozen=True)
class WriteResult:
    """The result of a command: the stored row and the current document of the resource."""

    status: int
    row: Any  # the audit log has a digest of its `recorded` columns
    document: str
    location: str

    @property
    def fact(self) -> dict[str, str]:
        """For the audit line."""
        kind = type(self.row).__tablename__
        if isinstance(self.row, Withdrawal):
            kind = f"withdrawal of {self.row.resource}"
        return {"resource": kind, "id": self.row.id, "digest": digest_of(self.row)}


@dataclass(frozen=True)
class WriteResponse:
    """The response, also when the same request is repeated."""

    status: int
    headers: dict[str, str]
    body: str

    @classmethod
    def of(cls, result: WriteResult, now: datetime) -> "WriteResponse":
        created = {"Location": result.location} if result.status == 201 else {}
        headers = {
            **created,
            "Content-Location": result.location,
            "ETag": entity_tag(result.document.encode()),
            "Last-Modified": last_modified(now),
        }
        return cls(result.status, headers, result.document)
