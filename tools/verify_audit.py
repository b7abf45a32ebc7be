"""Verify an audit log independently: standard library only, no code of the service.

    python -m app audit export > log.txt                        # by the operator
    curl -s URL/v1/audit/checkpoints?limit=1000 > kept.json     # by anyone, regularly
    python verify_audit.py log.txt kept.json [more kept.json]   # later

A line of the log is JSON, a tab, and the SHA-256 of that JSON in hexadecimal; the JSON has `seq`,
which counts from 1, and `previous`, the hash of the line before (64 zeros in the first).  Stored
checkpoints are responses of `/v1/audit/checkpoints`, or lines `{"seq": 1, "hash": "…"}`.
Exits with 0 if everything matches, 1 if something was changed, 2 if a file cannot be read.
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

BEFORE_THE_FIRST = "0" * 64
ALGORITHM = "sha256"


def once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The members of an object; ValueError where one is there twice."""
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a member twice")
    return members


def faults(log: str, kept: dict[int, str]) -> list[str]:
    """What does not fit; empty where the log is whole and holds all that was kept."""
    found = []
    if log and not log.endswith("\n"):
        found.append("the last line is cut")
    hashes: dict[int, str] = {}
    previous = BEFORE_THE_FIRST
    for number, row in enumerate(log.split("\n")[:-1], 1):
        line, _, hash_ = row.rpartition("\t")
        if hashlib.sha256(line.encode()).hexdigest() != hash_:
            found.append(f"line {number} was changed: its hash is another")
        try:
            told = json.loads(line, object_pairs_hook=once_each)
            seq, before, algorithm = told["seq"], told["previous"], told["alg"]
        except (ValueError, LookupError, TypeError):
            found.append(f"line {number} is no line of a log")
            continue
        if seq != number:
            found.append(f"line {number} says that it is number {seq}")
        if before != previous:
            found.append(f"line {number} does not follow the line before it")
        if algorithm != ALGORITHM:
            found.append(f"line {number} is hashed by {algorithm}")
        hashes[number] = previous = hash_
    for seq, hash_ in sorted(kept.items()):
        if seq not in hashes:
            found.append(f"line {seq}, which has a stored checkpoint, is missing")
        elif hashes[seq] != hash_:
            found.append(f"line {seq} does not match its stored checkpoint")
    return found


def read_checkpoints(text: str) -> dict[int, str]:
    """Number → hash; ValueError where two that were kept contradict each other."""
    try:
        rows = json.loads(text)
        rows = rows.get("data", [rows])
    except ValueError:  # a line each
        rows = [json.loads(line) for line in text.splitlines() if line.strip()]
    kept: dict[int, str] = {}
    for row in rows:
        if kept.setdefault(int(row["seq"]), str(row["hash"])) != row["hash"]:
            raise ValueError(f"two checkpoints of line {row['seq']} differ")
    return kept


def main(arguments: list[str]) -> int:
    """Verify the log that the first argument names against the checkpoints in the others."""
    if not arguments or arguments[0].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 2
    kept: dict[int, str] = {}
    try:
        log = Path(arguments[0]).read_bytes().decode("utf-8")
        for name in arguments[1:]:
            for seq, hash_ in read_checkpoints(Path(name).read_text("utf-8")).items():
                if kept.setdefault(seq, hash_) != hash_:
                    raise ValueError(f"two checkpoints of line {seq} differ")
    except (OSError, ValueError, LookupError, TypeError) as error:
        print(f"cannot be read: {error}", file=sys.stderr)
        return 2
    found = faults(log, kept)
    for fault in found:
        print(fault)
    if not found:
        print(f"{log.count(chr(10))} lines, each fits the one before; {len(kept)} checkpoints fit.")
    if not kept:
        print("Without kept checkpoints, a whole new log cannot be told from the old one.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
