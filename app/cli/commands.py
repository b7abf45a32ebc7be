"""Commands for operators: keys, delegations, the epoch of the change feed, the audit log.

Each change is one transaction, with a line in the audit log.
"""

import argparse
import asyncio
import json
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from secrets import token_bytes
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.clock import CHINA
from app.db.engine import ReaderInLoop, lock_writers, open_engine
from app.db.failures import failure_of
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
from app.reading.governments import GOVERNMENT
from app.reading.names import Lookup, resolve
from app.settings import Settings
from app.writing import audit_log
from app.writing.audit_verification import faults
from app.writing.keys import OF_A_JURISDICTION, digest, key_id, new_key, server_secret

LONGEST_KEY = timedelta(days=367)  # a year, to the end of its last day
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
OK, WRONG, MISUSED = 0, 1, 2
LOOKUPS = {"jurisdiction": GOVERNMENT, "agency": Lookup(Agency.id)}


@dataclass(frozen=True)
class Changed:
    """What a change shows, once it is committed: nobody is shown a key that does not exist."""

    output: str
    notes: tuple[str, ...] = ()


class RefusedError(Exception):
    """A command that cannot be done; the message says what would be right."""


def add_commands(commands: Any) -> None:
    """`keys`, `delegations`, `epoch` and `audit` of `python -m app`."""
    keys = commands.add_parser("keys", help="keys for writing").add_subparsers(required=True)
    issue = keys.add_parser("issue", help="create a key; it is shown once")
    issue.add_argument("--role", required=True, choices=[role.value for role in KeyRole])
    issue.add_argument(
        "--agency", help="agency that the key writes for, id or name; for reporters only"
    )
    issue.add_argument(
        "--jurisdiction",
        help="government, code or name, whose plans the key reaches, and those of all below it; "
        "required for coordinators and assessors, without it an administrator's key reaches all; "
        "for reporters it decides which agency the name means",
    )
    issue.add_argument(
        "--holder",
        required=True,
        type=_holder,
        help="contact for the key, the same for all keys of one holder; never published",
    )
    issue.add_argument(
        "--expires",
        type=_expiry,
        help="YYYY-MM-DD, valid to the end of that day in China, or a timestamp such as "
        "2027-06-30T18:00:00+08:00; default: in a year",
    )
    issue.set_defaults(run=_issue)
    keys.add_parser("list", help="all keys, without their secrets").set_defaults(run=_list)
    rotate = keys.add_parser("rotate", help="create a new key; the old one expires soon")
    rotate.add_argument("id")
    rotate.add_argument("--hours", type=int, default=24, help="how long the old key stays valid")
    rotate.set_defaults(run=_rotate)
    revoke = keys.add_parser("revoke", help="invalidate a key at once")
    revoke.add_argument("id")
    revoke.set_defaults(run=_revoke)
    delegations = commands.add_parser("delegations", help="which agency may act for a collective")
    actions = delegations.add_subparsers(required=True)
    actions.add_parser("list", help="all delegations").set_defaults(run=_list_delegations)
    for name, about, run in (
        ("grant", "let an agency report on tasks assigned to a collective", _grant_delegation),
        ("revoke", "end a delegation; existing reports stay", _revoke_delegation),
    ):
        command = actions.add_parser(name, help=about)
        command.add_argument("collective", help="agency of the kind collective, id or name")
        command.add_argument("agency", help="id or name of an agency")
        command.set_defaults(run=run)
    renamed = commands.add_parser("collectives", help="renamed to delegations")
    renamed.add_argument("rest", nargs=argparse.REMAINDER)
    renamed.set_defaults(run=_refuse_old_name)
    epoch = commands.add_parser("epoch", help="the epoch of the change feed")
    new = epoch.add_subparsers(required=True).add_parser(
        "new", help="start a new epoch after a restore; mirrors start again from a download"
    )
    new.set_defaults(run=_new_epoch)
    audit = commands.add_parser("audit", help="the audit log").add_subparsers(required=True)
    verify = audit.add_parser("verify", help="verify that log and facts are unchanged")
    verify.add_argument(
        "--checkpoints",
        type=Path,
        help="stored responses of /v1/audit/checkpoints, or one JSON object per line: seq, hash",
    )
    verify.set_defaults(run=_verify)
    audit.add_parser("export", help="print all lines of the log").set_defaults(run=_export)


def _holder(text: str) -> str:
    """Who has a key, for argparse: words on one line."""
    if not text.strip() or not text.isprintable():
        raise argparse.ArgumentTypeError(f"{text!r} names nobody; write a name or contact")
    return text


def _expiry(text: str) -> datetime:
    """When a key expires, for argparse; a day ends at 24:00 in China."""
    try:
        if DAY.fullmatch(text):
            return datetime.combine(date.fromisoformat(text) + timedelta(days=1), time(), CHINA)
        return parse_moment(text)
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(
            f"{text!r} is neither a date nor a timestamp; write YYYY-MM-DD, "
            "or 2027-06-30T18:00:00+08:00 with an offset"
        ) from None


def _in_china(moment: datetime) -> str:
    """A timestamp in China's time."""
    return moment.astimezone(CHINA).isoformat(timespec="seconds")


def run(arguments: argparse.Namespace, settings: Settings, clock: Clock) -> int:
    """Run one of these commands."""
    engine = open_engine(settings.database_url, existing=True)
    try:
        with Session(engine) as session, session.begin():
            lock_writers(session.connection())
            now = moment_of_writing(session, clock)
            outcome: int | Changed = arguments.run(arguments, session, settings, now)
        if isinstance(outcome, int):
            return outcome
        print(outcome.output)
        for note in outcome.notes:
            print(note, file=sys.stderr)
        return OK
    except RefusedError as refused:
        print(refused, file=sys.stderr)
        return MISUSED
    except DBAPIError as error:
        print(failure_of(error), file=sys.stderr)
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
    jurisdiction: str | None = None,
    holder: str,
    expires_at: datetime | None = None,
    random: Callable[[int], bytes] = token_bytes,
) -> str:
    """Store a new key and return it; it cannot be recovered later. Raises RefusedError."""
    expires_at = expires_at or now + timedelta(days=365)
    if (agency is None) == (role is KeyRole.REPORTER):
        raise RefusedError("--agency is required for reporters and not allowed for other roles.")
    if jurisdiction is None and role in OF_A_JURISDICTION:
        raise RefusedError(
            "--jurisdiction is required for coordinators and assessors: the government, code or name, "
            "whose plans the key may write about, with those of all governments below it."
        )
    if agency is not None and session.get(Agency, agency) is None:
        raise RefusedError(f"There is no agency {agency}; /v1/agencies lists their ids.")
    if not now < expires_at <= now + LONGEST_KEY:
        raise RefusedError("A key must expire within a year from now.")
    key = new_key(random)
    name = str(key_id(key))
    session.add(
        ApiKey(
            id=name,
            digest=digest(key, secret),
            role=role,
            agency_id=agency,
            jurisdiction_code=jurisdiction,
            holder=holder,
            issued_at=now,
            expires_at=expires_at,
            revoked_at=None,
            last_used_at=None,
        )
    )
    about = {"key": name, "role": role, "agency": agency, "jurisdiction": jurisdiction}
    _log(session, "keys.issue", now, **about)
    return key


def _issue(arguments: Any, session: Session, settings: Settings, now: datetime) -> Changed:
    expires_at = arguments.expires or now + timedelta(days=365)
    named = {"jurisdiction": arguments.jurisdiction, "agency": arguments.agency}
    ids = _ids(session, settings, {name: one for name, one in named.items() if one is not None})
    role = KeyRole(arguments.role)
    key = issue_key(
        session,
        server_secret(settings),
        now,
        role=role,
        agency=ids.get("agency"),
        jurisdiction=None if role is KeyRole.REPORTER else ids.get("jurisdiction"),
        holder=arguments.holder,
        expires_at=expires_at,
    )
    expiry = f"It expires at {_in_china(expires_at)}."
    return Changed(key, (expiry, "Store it: it is not shown again."))


def _list(arguments: Any, session: Session, settings: Settings, now: datetime) -> int:
    print("id\trole\tagency\tjurisdiction\texpires\tlast used\tstate\tholder")
    for key in session.scalars(select(ApiKey).order_by(ApiKey.issued_at, ApiKey.id)):
        state = "revoked" if key.revoked_at else "expired" if key.expires_at <= now else "valid"
        used = f"{key.last_used_at:%Y-%m-%d}" if key.last_used_at else "never"
        columns = (
            key.id,
            key.role,
            key.agency_id or "-",
            _jurisdiction(key, settings) or "-",
            _in_china(key.expires_at),
            used,
            state,
        )
        print(*columns, key.holder, sep="\t")
    return OK


def _rotate(arguments: Any, session: Session, settings: Settings, now: datetime) -> Changed:
    old = _valid_key(session, arguments.id, now)
    key = issue_key(
        session,
        server_secret(settings),
        now,
        role=old.role,
        agency=old.agency_id,
        jurisdiction=_jurisdiction(old, settings),
        holder=old.holder,
    )
    old.expires_at = min(old.expires_at, now + timedelta(hours=max(0, arguments.hours)))
    _log_of_key(session, "keys.rotate", old, now)
    return Changed(key, (f"{old.id} is valid until {_in_china(old.expires_at)}.",))


def _revoke(arguments: Any, session: Session, settings: Settings, now: datetime) -> int:
    key = _valid_key(session, arguments.id, now)
    key.revoked_at = now
    _log_of_key(session, "keys.revoke", key, now)
    return OK


def _jurisdiction(key: ApiKey, settings: Settings) -> str | None:
    """The government of a key; that of the home for keys of releases before 0.6.0."""
    of_home = settings.home_jurisdiction if key.role in OF_A_JURISDICTION else None
    return key.jurisdiction_code or of_home


def _valid_key(session: Session, name: str, now: datetime) -> ApiKey:
    key = session.get(ApiKey, name)
    if key is None or key.revoked_at or key.expires_at <= now:
        raise RefusedError(f"There is no valid key {name}; `python -m app keys list` lists all.")
    return key


def _agency(session: Session, settings: Settings, name: str) -> str:
    """The id of an agency from its id or any of its names, as in `?agency=`; raises RefusedError."""
    return _ids(session, settings, {"agency": name})["agency"]


def _ids(session: Session, settings: Settings, names: dict[str, str]) -> dict[str, str]:
    """The ids that `?jurisdiction=` and `?agency=` of these values mean; raises RefusedError."""
    lookups = {name: LOOKUPS[name] for name in names}
    values = {name: [value] for name, value in names.items()}
    reader = ReaderInLoop(session.connection(), settings.home_jurisdiction)
    try:
        found = asyncio.run(resolve(reader, lookups, values))
    except InvalidParametersError as invalid:  # unknown, or ambiguous
        error = invalid.errors[0]
        raise RefusedError(f"{names[error.name]}: {error.message.en}") from None
    return {name: ids[0] for name, ids in found.items()}


def _grant_delegation(arguments: Any, session: Session, settings: Settings, now: datetime) -> int:
    collective, agency = (
        _agency(session, settings, name) for name in (arguments.collective, arguments.agency)
    )
    grant_delegation(session, collective, agency, now)
    return OK


def _list_delegations(arguments: Any, session: Session, settings: Settings, now: datetime) -> int:
    print("collective\tagency\tsince")
    order = Delegation.collective_id, Delegation.agency_id
    for one in session.scalars(select(Delegation).order_by(*order)):
        print(one.collective_id, one.agency_id, f"{one.granted_at:%Y-%m-%d}", sep="\t")
    return OK


def _revoke_delegation(arguments: Any, session: Session, settings: Settings, now: datetime) -> int:
    collective, agency = (
        _agency(session, settings, name) for name in (arguments.collective, arguments.agency)
    )
    delegation = session.get(Delegation, (collective, agency))
    if delegation is None:
        raise RefusedError(
            f"{agency} has no delegation for {collective}; `delegations list` lists all."
        )
    session.delete(delegation)
    session.flush()
    refresh_agency(session, agency, now)
    _log(session, f"delegations.revoke {collective}", now, agency=agency)
    return OK


def _refuse_old_name(arguments: Any, session: Session, settings: Settings, now: datetime) -> int:
    raise RefusedError("`collectives` is now `delegations`: grant (was allow), revoke (end), list.")


def grant_delegation(session: Session, collective: str, agency: str, now: datetime) -> None:
    """Let an agency report for a collective; raises RefusedError."""
    for name in (collective, agency):
        row = session.get(Agency, name)
        if row is None or (row.kind is AgencyKind.COLLECTIVE) != (name == collective):
            kind = "a collective" if name == collective else "an agency other than a collective"
            raise RefusedError(f"{name} is not {kind}; /v1/agencies?kind=collective lists them.")
    if session.get(Delegation, (collective, agency)):
        raise RefusedError(f"{agency} already has a delegation for {collective}.")
    session.add(Delegation(collective_id=collective, agency_id=agency, granted_at=now))
    session.flush()
    refresh_agency(session, agency, now)
    _log(session, f"delegations.grant {collective}", now, agency=agency)


def _new_epoch(arguments: Any, session: Session, settings: Settings, now: datetime) -> Changed:
    epoch = mint_epoch(session, now)
    _log(session, f"epoch.new {epoch}", now)
    return Changed(epoch)


def _log_of_key(session: Session, operation: str, key: ApiKey, now: datetime) -> None:
    about = {"role": key.role, "agency": key.agency_id, "jurisdiction": key.jurisdiction_code}
    _log(session, operation, now, key=key.id, **about)


def _log(session: Session, operation: str, now: datetime, **about: str | None) -> None:
    raise_revision(session, now)
    audit_log.append_line(session, audit_log.Event(operation, "accepted", **about), now)  # type: ignore[arg-type]


def _export(arguments: Any, session: Session, settings: Settings, now: datetime) -> int:
    for row in audit_log.lines_after(session):
        print(row.line, row.hash, sep="\t")
    return OK


def _verify(arguments: Any, session: Session, settings: Settings, now: datetime) -> int:
    checkpoints = _read_checkpoints(arguments.checkpoints) if arguments.checkpoints else {}
    found = list(faults(session, checkpoints))
    for fault in found:
        print(fault)
    last = session.scalar(select(AuditLine).order_by(AuditLine.seq.desc()).limit(1))
    extent = f"{last.seq} lines, until {json.loads(last.line)['at']}" if last else "no line"
    database = session.get_bind().engine.url.render_as_string()  # without the password
    if not found:
        print(f"{database}: {extent}; each fits the one before; {len(checkpoints)} checkpoints fit; "
              "every fact is as it was written.")  # fmt: skip
    if not checkpoints:
        print(
            "A truncated log still looks valid; only --checkpoints, stored elsewhere, can detect it.",
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
        raise RefusedError(
            f"{path} does not contain checkpoints, one JSON object per line: {error}"
        ) from None
