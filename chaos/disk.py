"""What a disk may hold after a power cut, from a trace of what processes wrote and synced.

What was synced is there.  Of everything after it, each sector may be there or not, in any order.
"""

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

SECTOR = 512
LONGEST = 2**21  # bytes of one write
WRITES = ("write", "pwrite64", "writev", "pwritev", "pwritev2", "ftruncate", "fallocate")
SYNCS = ("fsync", "fdatasync")
BEGUN = re.compile(
    r"(?P<thread>\d+) +(?P<time>[\d.]+) (?P<call>\w+)\(\d+<(?P<path>[^>]+)>(?P<rest>.*)"
)
RESUMED = re.compile(
    r"(?P<thread>\d+) +(?P<time>[\d.]+) <\.\.\. (?P<call>\w+) resumed>(?P<rest>.*)"
)
UNFINISHED = "<unfinished ...>"
RESULT = re.compile(r" = (-?\d+)[^=]*<([\d.]+)>$")
BYTES = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.*)')


def tracing(file: Path) -> list[str]:
    """The start of a command whose writes and syncs are to be written into a file."""
    calls = ",".join([*WRITES, *SYNCS])
    return [
        "strace", "-f", "-qq", "-y", "-ttt", "-T", "-xx", "-s", str(LONGEST),
        "-e", f"trace={calls}", "-e", "signal=none", "-o", str(file),
    ]  # fmt: skip


@dataclass
class Call:
    """One call on one file."""

    kind: str
    path: str
    data: bytes
    place: int  # the offset, or the new length
    began: float
    ended: float  # infinity if it did not


def calls(file: Path) -> Iterator[Call]:
    """All that succeeded, or was cut off, in the order of their beginning."""
    waiting: dict[str, Call] = {}
    found: list[Call] = []
    for line in file.read_text("ascii", "replace").splitlines():
        if begun := BEGUN.match(line):
            call = _call(begun)
            found.append(call)
            if begun["rest"].endswith(UNFINISHED):
                waiting[begun["thread"]] = call
                continue
        elif resumed := RESUMED.match(line):
            call = waiting.pop(resumed["thread"])
        else:
            continue
        result = RESULT.search(line)
        if result and int(result[1]) < 0:
            found.remove(call)
        elif result:
            call.ended = call.began + float(result[2])
    yield from found


def _call(begun: re.Match[str]) -> Call:
    kind, rest, data, place = begun["call"], begun["rest"], b"", 0
    path = bytes.fromhex(begun["path"].replace("\\x", "")).decode()
    if kind == "pwrite64":
        written = BYTES.search(rest)
        assert written and not written[2], "a write was not traced whole"  # noqa: PT018
        data = bytes.fromhex(written[1].replace("\\x", ""))
        rest = rest[written.end() :]
        place = int(rest.split(",")[2].split(")")[0].split()[0])
    elif kind == "ftruncate":
        place = int(rest.split(",")[1].split(")")[0].split()[0])
    return Call(kind, path, data, place, float(begun["time"]), float("inf"))


class Disk:
    """The files that were written, and what they may be at a moment."""

    def __init__(self, trace: Path) -> None:
        self.of: defaultdict[str, list[Call]] = defaultdict(list)
        for call in calls(trace):
            self.of[call.path].append(call)

    def after_cut(
        self, path: str, before: bytes, moment: float, lucky: Callable[[], bool]
    ) -> bytes:
        """The content if the power is cut at that moment; `lucky` decides of each sector."""
        begun = [call for call in self.of[path] if call.began <= moment]
        assert {call.kind for call in begun} <= {"pwrite64", "ftruncate", *SYNCS}, path
        synced = max(
            (call.began for call in begun if call.kind in SYNCS and call.ended <= moment),
            default=0.0,
        )
        content = bytearray(before)
        for call in begun:
            safe = call.ended <= synced
            if call.kind == "ftruncate" and (safe or lucky()):
                del content[call.place :]
                content.extend(bytes(max(0, call.place - len(content))))
            elif call.kind == "pwrite64":
                for start in range(0, len(call.data), SECTOR):
                    if safe or lucky():
                        part = call.data[start : start + SECTOR]
                        first = call.place + start
                        content.extend(bytes(max(0, first - len(content))))
                        content[first : first + len(part)] = part
        return bytes(content)


def luck(chance: random.Random) -> Callable[[], bool]:
    """Nothing, everything, or a part of what was not synced."""
    share = chance.choice([0.0, 0.0, 0.5, 0.9, 1.0])
    return lambda: chance.random() < share
