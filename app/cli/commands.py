"""What operators do by commands: keys, who speaks for a collective, the epoch, the audit log.

Each change is a transaction of its own with a line in the audit log.
"""

import argparse
import asyncio
import json
import re
import sys
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from secrets import token_bytes
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.clock import CHINA
from app.db.engine import ReaderInLoop, lock_writers, open_engine
from app.db.models import (
    Agency,
    ApiKey,
    AuditLine,
    Delegation,
)
from app.db.revision import Clock
from app.enums import AgencyKind, KeyRole
from app.http.moments import parse_moment
from app.http.problems import InvalidParametersError
from app.projections.change_feed import mint_epoch, moment_of_writing, raise_revision
from app.projections.documents import refresh_agency
from app.reading.names import Lookup, resolve
from app.settings import Settings
from app.writing import audit_log
from app.writing.audit_verification import faults
from app.writing.keys import digest, key_id, new_key, server_secret

LONGEST_KEY = timedelta(days=367)  # a year, to the end of its last day
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
OK, WRONG, MISUSED = 0, 1, 2


class RefusedError(Exception):
    """What an operator asked for cannot be; says what would be right."""


def add_commands(commands: Any) -> None:
    """`keys`, `collectives`, `epoch` and `audit` of `python -m app`."""
    keys = commands.add_parser("keys", help="who may write").add_subparsers(required=True)
    issue = keys.add_parser("issue", help="make a key; it is shown once")
    issue.add_argument("--role", required=True, choices=[role.value for role in KeyRole])
    issue.add_argument("--agency", help="agency in whose name it writes, id or name; for reporters")
    issue.add_argument(
        "--holder",
        required=True,
        help="whom to ask about it, the same for all their keys; never published",
    )
    issue.add_argument(
        "--expires",
        type=_end,
        help="YYYY-MM-DD, to the end of that day in China, or a moment such as "
        "2027-06-30T18:00:00+08:00; in a year if not given",
    )
    issue.set_defaults(run=_issue)
    keys.add_parser("list", help="all keys, without their secrets").set_defaults(run=_list)
    rotate = keys.add_parser("rotate", help="a new key in place of one, which ends soon")
    rotate.add_argument("id")
    rotate.add_argument("--hours", type=int, default=24, help="how long the old one still holds")
    rotate.set_defaults(run=_rotate)
    revoke = keys.add_parser("revoke", help="end a key at once")
    revoke.add_argument("id")
    revoke.set_defaults(run=_revoke)
    collectives = commands.add_parser("collectives", help="who speaks for a collective")
    speaking = collectives.add_subparsers(required=True)
    speaking.add_parser("list", help="who speaks for which").set_defaults(run=_list_speakers)
    for name, about, run in (
        ("allow", "let an agency report on what a collective is assigned to", _allow),
        ("end", "let it do so no more; what it has reported stays", _revoke_delegation),
    ):
        command = speaking.add_parser(name, help=about)
        command.add_argument("collective", help="agency of the kind collective, id or name")
        command.add_argument("agency", help="id or name of an agency")
        command.set_defaults(run=run)
    epoch = commands.add_parser("epoch", help="the history that the change feed counts in")
    new = epoch.add_subparsers(required=True).add_parser(
        "new", help="begin another one, after an earlier state was restored; mirrors begin again"
    )
    new.set_defaults(run=_new_epoch)
    audit = commands.add_parser("audit", help="the audit log").add_subparsers(required=True)
    verify = audit.add_parser("verify", help="see whether the log and the facts are as they were")
    verify.add_argument(
        "--checkpoints",
        type=Path,
        help="kept answers of /v1/audit/checkpoints, or one JSON object a line: seq, hash",
    )
    verify.set_defaults(run=_verify)
    audit.add_parser("export", help="the log, a line each").set_defaults(run=_export)


def _end(text: str) -> datetime:
    """When a key ends, for argparse; a day ends at 24:00 in China."""
    try:
        if DAY.fullmatch(text):
            return datetime.combine(date.fromisoformat(text) + timedelta(days=1), time(), CHINA)
        return parse_moment(text)
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no day and no moment; write YYYY-MM-DD, "
            "or with an offset 2027-06-30T18:00:00+08:00"
        ) from None


def _in_china(moment: datetime) -> str:
    """A moment as people here read it."""
    return moment.astimezone(CHINA).isoformat(timespec="seconds")


def run(given: argparse.Namespace, settings: Settings, clock: Clock) -> int:
    """Run one of these commands."""
    engine = open_engine(settings.database_url, existing=True)
    try:
        with Session(engine) as session, session.begin():
            lock_writers(session.connection())
            now = moment_of_writing(session, clock)
            done: int = given.run(given, session, settings, now)
            return done
    except RefusedError as refused:
        print(refused, file=sys.stderr)
        return MISUSED
    except DBAPIError as error:
        print(f"The database does not answer as it should: {error.orig}", file=sys.stderr)
        return MISUSED
    finally:
        engine.dispose()


def issue_key(
    session: Session,
    secret: bytes,
    now: datetime,
    *,
    role: KeyRole,
    agency: str | None,
    holder: str,
    expires_at: datetime | None = None,
    random: Callable[[int], bytes] = token_bytes,
) -> str:
    """Store a new key and give it; nobody can give it again. Raises RefusedError."""
    expires_at = expires_at or now + timedelta(days=365)
    if (agency is None) == (role is KeyRole.REPORTER):
        raise RefusedError("A reporter needs --agency, and the other roles have none.")
    if agency is not None and session.get(Agency, agency) is None:
        raise RefusedError(f"There is no agency {agency}; /v1/agencies lists their ids.")
    if not now < expires_at <= now + LONGEST_KEY:
        raise RefusedError("A key expires between now and a year from now.")
    key = new_key(random)
    name = str(key_id(key))
    session.add(
        ApiKey(
            id=name,
            digest=digest(key, secret),
            role=role,
            agency_id=agency,
            holder=holder,
            issued_at=now,
            expires_at=expires_at,
            revoked_at=None,
            last_used_at=None,
        )
    )
    _log(session, "keys.issue", now, key=name, role=role, agency=agency)
    return key


def _issue(given: Any, session: Session, settings: Settings, now: datetime) -> int:
    expires_at = given.expires or now + timedelta(days=365)
    agency = None if given.agency is None else _agency(session, given.agency)
    key = issue_key(
        session,
        server_secret(settings),
        now,
        role=KeyRole(given.role),
        agency=agency,
        holder=given.holder,
        expires_at=expires_at,
    )
    print(key)
    print(f"It expires at {_in_china(expires_at)}.", file=sys.stderr)
    print("Keep it: it is not shown again.", file=sys.stderr)
    return OK


def _list(given: Any, session: Session, settings: Settings, now: datetime) -> int:
    print("id\trole\tagency\texpires\tlast used\tstate\tholder")
    for key in session.scalars(select(ApiKey).order_by(ApiKey.issued_at, ApiKey.id)):
        state = "revoked" if key.revoked_at else "expired" if key.expires_at <= now else "valid"
        used = f"{key.last_used_at:%Y-%m-%d}" if key.last_used_at else "never"
        columns = (
            key.id,
            key.role,
            key.agency_id or "-",
            _in_china(key.expires_at),
            used,
            state,
        )
        print(*columns, key.holder, sep="\t")
    return OK


def _rotate(given: Any, session: Session, settings: Settings, now: datetime) -> int:
    old = _valid_key(session, given.id, now)
    key = issue_key(
        session,
        server_secret(settings),
        now,
        role=old.role,
        agency=old.agency_id,
        holder=old.holder,
    )
    old.expires_at = min(old.expires_at, now + timedelta(hours=max(0, given.hours)))
    _log(session, "keys.rotate", now, key=old.id, role=old.role, agency=old.agency_id)
    print(key)
    print(f"{old.id} holds until {_in_china(old.expires_at)}.", file=sys.stderr)
    return OK


def _revoke(given: Any, session: Session, settings: Settings, now: datetime) -> int:
    key = _valid_key(session, given.id, now)
    key.revoked_at = now
    _log(session, "keys.revoke", now, key=key.id, role=key.role, agency=key.agency_id)
    return OK


def _valid_key(session: Session, name: str, now: datetime) -> ApiKey:
    key = session.get(ApiKey, name)
    if key is None or key.revoked_at or key.expires_at <= now:
        raise RefusedError(f"There is no valid key {name}; `python -m app keys list` shows all.")
    return key


def _agency(session: Session, name: str) -> str:
    """The id of an agency by its id or a name of it, as in `?agency=`; raises RefusedError."""
    lookups = {"agency": Lookup(Agency.id)}
    reader = ReaderInLoop(session.connection())
    try:
        (found,) = asyncio.run(resolve(reader, lookups, {"agency": [name]}))["agency"]
    except InvalidParametersError as error:  # unknown, or ambiguous
        raise RefusedError(f"{name}: {error.errors[0].message.en}") from None
    return found


def _allow(given: Any, session: Session, settings: Settings, now: datetime) -> int:
    collective, agency = (_agency(session, name) for name in (given.collective, given.agency))
    allow_to_speak(session, collective, agency, now)
    return OK


def _list_speakers(given: Any, session: Session, settings: Settings, now: datetime) -> int:
    print("collective\tagency\tsince")
    order = Delegation.collective_id, Delegation.agency_id
    for one in session.scalars(select(Delegation).order_by(*order)):
        print(one.collective_id, one.agency_id, f"{one.granted_at:%Y-%m-%d}", sep="\t")
    return OK


def _revoke_delegation(given: Any, session: Session, settings: Settings, now: datetime) -> int:
    collective, agency = (_agency(session, name) for name in (given.collective, given.agency))
    delegation = session.get(Delegation, (collective, agency))
    if delegation is None:
        raise RefusedError(
            f"{agency} does not speak for {collective}; `collectives list` shows who does."
        )
    session.delete(delegation)
    session.flush()
    refresh_agency(session, agency, now)
    _log(session, f"collectives.end {collective}", now, agency=agency)
    return OK


def allow_to_speak(session: Session, collective: str, agency: str, now: datetime) -> None:
    """Let an agency report for a collective; raises RefusedError."""
    for name in (collective, agency):
        row = session.get(Agency, name)
        if row is None or (row.kind is AgencyKind.COLLECTIVE) != (name == collective):
            kind = "a collective" if name == collective else "an agency that is no collective"
            raise RefusedError(f"{name} is not {kind}; /v1/agencies?kind=collective lists them.")
    if session.get(Delegation, (collective, agency)):
        raise RefusedError(f"{agency} may speak for {collective} already.")
    session.add(Delegation(collective_id=collective, agency_id=agency, granted_at=now))
    session.flush()
    refresh_agency(session, agency, now)
    _log(session, f"collectives.allow {collective}", now, agency=agency)


def _new_epoch(given: Any, session: Session, settings: Settings, now: datetime) -> int:
    epoch = mint_epoch(session, now)
    _log(session, f"epoch.new {epoch}", now)
    print(epoch)
    return OK


def _log(session: Session, operation: str, now: datetime, **about: str | None) -> None:
    raise_revision(session, now)
    audit_log.append_line(session, audit_log.Event(operation, "accepted", **about), now)  # type: ignore[arg-type]


def _export(given: Any, session: Session, settings: Settings, now: datetime) -> int:
    for row in audit_log.lines_after(session):
        print(row.line, row.hash, sep="\t")
    return OK


def _verify(given: Any, session: Session, settings: Settings, now: datetime) -> int:
    kept = _read_checkpoints(given.checkpoints) if given.checkpoints else {}
    found = list(faults(session, kept))
    for fault in found:
        print(fault)
    last = session.scalar(select(AuditLine).order_by(AuditLine.seq.desc()).limit(1))
    until = f"{last.seq} lines, until {json.loads(last.line)['at']}" if last else "no line"
    where = session.get_bind().engine.url.render_as_string()  # which hides a password
    if not found:
        print(f"{where}: {until}; each fits the one before; {len(kept)} checkpoints fit; "
              "every fact is as it was written.")  # fmt: skip
    if not kept:
        print(
            "A log that lost its end looks whole: only --checkpoints, kept elsewhere, can tell.",
            file=sys.stderr,
        )
    return WRONG if found else OK


def _read_checkpoints(path: Path) -> dict[int, str]:
    try:
        text = path.read_text("utf-8")
        pages = [json.loads(line) for line in text.splitlines() if line.strip()]
        rows = [row for page in pages for row in page.get("data", [page])]
        return {int(row["seq"]): str(row["hash"]) for row in rows}
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise RefusedError(f"{path} has no checkpoints, one JSON object a line: {error}") from None
