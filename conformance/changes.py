"""The change feed: every change once, in order, without gaps, and true of what is served."""

import itertools
from collections.abc import Iterator
from datetime import datetime

from conformance.rules import rule
from conformance.server import Finding, Row, Server, spread

FEED = "/v1/changes"
EACH = 8
LISTS = {
    "plan": "plans", "section": "sections", "task": "tasks", "agency": "agencies",
    "target": "targets", "platform": "platforms",
    "report": "reports", "measurement": "measurements", "milestone": "milestones",
    "assessment": "assessments", "bulletin": "bulletins",
}  # fmt: skip
PARTS = ("sections", "tasks", "targets")  # of a download, which belong to the plan alone


def latest(server: Server) -> dict[tuple[str, str], Row]:
    """The last change of each resource."""
    return {(row["resource"], row["id"]): row for row in server.rows(FEED)}


def path_of(change: Row) -> str:
    """Where what changed is served."""
    return f"/v1/{LISTS[change['resource']]}/{change['id']}"


@rule("Change.seq: without gaps")
def the_feed_has_no_gaps(server: Server) -> Iterator[Finding]:
    """Numbers in the feed rise by one, from 1."""
    came = [row["seq"] for row in server.rows(FEED)]
    gap = next((seq for seq, right in enumerate(came, 1) if seq != right), None)
    if came:
        answer = server.get(FEED, {"limit": 1000})
        yield answer.expect(gap is None, f"no {gap}", f"1 to {len(came)}")


@rule("parameter after")
def after_gives_what_came_later(server: Server) -> Iterator[Finding]:
    """`after` gives the changes with higher numbers, and none after the last one."""
    every = server.rows(FEED)
    for row in spread(every, 4):
        answer = server.get(FEED, {"after": row["seq"], "limit": 1000})
        later = [one for one in every if one["seq"] > row["seq"]]
        document = answer.document()
        came = [one["seq"] for one in document["data"]][:2]
        yield answer.expect(
            document["data"] == later[:1000], f"{came}…", f"{len(later)} later ones"
        )
        total = document["page"]["total"]
        yield answer.expect(total == len(later), f"total {total}", len(later))


@rule("Change.version")
def versions_rise_by_one(server: Server) -> Iterator[Finding]:
    """The versions of each resource rise by one, from its creation on."""
    seen: dict[tuple[str, str], int] = {}
    for row in server.rows(FEED):
        key = row["resource"], row["id"]
        right = seen.get(key, 0) + 1
        seen[key] = right
        asked = f"GET {FEED}?after={row['seq'] - 1}&limit=1"
        yield Finding(row["version"] == right, asked, f"version {row['version']}", str(right))
        created = row["op"] == "created"
        yield Finding(
            created == (right == 1), asked, f"{row['op']}, version {right}", "created first"
        )


@rule("Change.at")
def moments_never_go_back(server: Server) -> Iterator[Finding]:
    """A later change has no earlier moment."""
    rows = server.rows(FEED)
    for row, following in itertools.pairwise(rows):
        asked = f"GET {FEED}?after={row['seq'] - 1}&limit=2"
        at, later = (datetime.fromisoformat(one["at"]) for one in (row, following))
        yield Finding(at <= later, asked, following["at"], f"{row['at']} or later")


@rule("Change.etag")
def the_feed_states_the_etag_of_what_is_served(server: Server) -> Iterator[Finding]:
    """The last change of a resource has the `ETag` that the resource is served with."""
    there = [row for row in latest(server).values() if row["op"] != "withdrawn"]
    for row in spread(there, EACH):
        answer = server.get(path_of(row))
        came = answer.headers.get("etag", answer.summary)
        yield answer.expect(
            came == row["etag"], came, f"{row['etag']}, as change {row['seq']} says"
        )


@rule("changes: of all resources")
def the_feed_tells_of_all_that_is_listed(server: Server) -> Iterator[Finding]:
    """What the feed says is there is what the lists give."""
    changes = latest(server)
    for kind, resource in LISTS.items():
        if server.contract.at(f"/v1/{resource}") is None:
            continue
        there = {id_ for (k, id_), row in changes.items() if k == kind and row["op"] != "withdrawn"}
        listed = {row["id"] for row in server.listed(resource)}
        if there or listed:
            answer = server.get(f"/v1/{resource}")
            came = f"only in the feed {sorted(there - listed)[:3]}, "
            came += f"only in the list {sorted(listed - there)[:3]}"
            yield answer.expect(there == listed, came, "the same in both")


@rule("410")
def what_was_withdrawn_is_410(server: Server) -> Iterator[Finding]:
    """What was withdrawn is 410, is in no list, and its change has no `ETag`."""
    gone = [row for row in latest(server).values() if row["op"] == "withdrawn"]
    for row in spread(gone, EACH):
        answer = server.get(path_of(row))
        yield answer.is_(410)
        yield answer.expect(row["etag"] is None, row["etag"], "null in the feed")
        listed = server.get(f"/v1/{LISTS[row['resource']]}", {"id": row["id"]})
        missing = listed.document()["page"]["missing"]
        yield listed.expect(missing == [row["id"]], missing, "named as missing")


@rule("PlanDownload.seq")
def a_download_states_its_number(server: Server) -> Iterator[Finding]:
    """A download says up to which change it is true: all there are, while nothing is written."""
    last = max((row["seq"] for row in server.rows(FEED)), default=0)
    for plan in server.listed("plans")[:3]:
        answer = server.get(f"/v1/plans/{plan['id']}/download", {"format": "json"})
        seq = answer.document()["seq"]
        yield answer.expect(seq == last, f"seq {seq}", last)


@rule("PlanDownload")
def a_download_is_what_the_lists_give(server: Server) -> Iterator[Finding]:
    """A mirror that starts from a download has the very documents that the lists give."""
    for plan in server.listed("plans")[:3]:
        answer = server.get(f"/v1/plans/{plan['id']}/download", {"format": "json"})
        document = answer.document()
        yield answer.expect(document["plan"] == plan, "another plan document", "that of the list")
        for part in PARTS:
            rows = server.rows(f"/v1/{part}", {"plan": plan["id"]})
            came = f"{part}: {len(document[part])} others"
            yield answer.expect(document[part] == rows, came, f"the {len(rows)} of the list")
        for part in ("agencies", "platforms"):
            known = {row["id"]: row for row in server.listed(part)}
            other = [row["id"] for row in document[part] if known.get(row["id"]) != row]
            yield answer.expect(not other, f"{part}: {other[:3]}", "the documents of the list")
