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
    "error_report": "error-reports",
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
    """Numbers in the feed increase by one, starting from 1."""
    came = [row["seq"] for row in server.rows(FEED)]
    gap = next((seq for seq, right in enumerate(came, 1) if seq != right), None)
    if came:
        answer = server.get(FEED, {"limit": 1000})
        yield answer.expect(gap is None, f"no {gap}", f"1 to {len(came)}")


@rule("parameter after")
def after_gives_what_came_later(server: Server) -> Iterator[Finding]:
    """`after` returns the changes with higher numbers, and none after the last one."""
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
    """The versions of each resource increase by one, starting at its creation."""
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


@rule("version, changed_at")
def a_document_is_what_its_last_change_says(server: Server) -> Iterator[Finding]:
    """A document has the version and the timestamp of its last change."""
    changes = latest(server)
    for kind, resource in LISTS.items():
        if server.contract.at(f"/v1/{resource}") is None:
            continue
        for row in spread(server.listed(resource), EACH):
            change = changes.get((kind, row["id"]), {})
            right = change.get("version"), change.get("at")
            came = row.get("version"), row.get("changed_at")
            yield Finding(came == right, f"GET /v1/{resource}/{row['id']}", str(came), str(right))


@rule("Change.at")
def moments_never_go_back(server: Server) -> Iterator[Finding]:
    """A later change never has an earlier timestamp."""
    rows = server.rows(FEED)
    for row, following in itertools.pairwise(rows):
        asked = f"GET {FEED}?after={row['seq'] - 1}&limit=2"
        at, later = (datetime.fromisoformat(one["at"]) for one in (row, following))
        yield Finding(at <= later, asked, following["at"], f"{row['at']} or later")


@rule("Change.etag")
def the_feed_states_the_etag_of_what_is_served(server: Server) -> Iterator[Finding]:
    """The last change of a resource has the current `ETag` of the resource."""
    there = [row for row in latest(server).values() if row["op"] != "withdrawn"]
    for row in spread(there, EACH):
        answer = server.get(path_of(row))
        came = answer.headers.get("etag", answer.summary)
        yield answer.expect(
            came == row["etag"], came, f"{row['etag']}, as change {row['seq']} says"
        )


@rule("changes: of all resources")
def the_feed_tells_of_all_that_is_listed(server: Server) -> Iterator[Finding]:
    """The resources that exist according to the feed are those of the lists."""
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
    """A withdrawn resource returns 410, is in no list, and its change has no `ETag`."""
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
    """A download states the last change that it includes: the last one of the feed, while nothing is written."""
    last = max((row["seq"] for row in server.rows(FEED)), default=0)
    for plan in server.listed("plans")[:3]:
        answer = server.get(f"/v1/plans/{plan['id']}/download", {"format": "json"})
        seq = answer.document()["seq"]
        yield answer.expect(seq == last, f"seq {seq}", last)


@rule("PlanDownload")
def a_download_is_what_the_lists_give(server: Server) -> Iterator[Finding]:
    """A mirror that starts from a download has the same documents as the lists."""
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


@rule("ChangePageInfo.head, scanned_to")
def the_feed_states_its_head_and_how_far_it_looked(server: Server) -> Iterator[Finding]:
    """A page states the last number as `head`, and the number to continue after as `scanned_to`."""
    rows = server.rows(FEED)
    for limit in (1, 1000) if rows else ():
        answer = server.get(FEED, {"limit": limit})
        page, right = answer.document()["page"], rows[:limit][-1]["seq"]
        yield answer.expect(page["head"] == rows[-1]["seq"], page["head"], rows[-1]["seq"])
        yield answer.expect(page["scanned_to"] == right, page["scanned_to"], right)


@rule("ChangePageInfo.epoch")
def one_epoch_stands_everywhere(server: Server) -> Iterator[Finding]:
    """The feed, the service document and every download state the same epoch."""
    epoch = server.get("/v1").document()["epoch"]
    page = server.get(FEED, {"limit": 1})
    came = page.document()["page"]["epoch"]
    for plan in server.listed("plans")[:3]:
        yield page.expect(came == epoch, came, epoch)
        answer = server.get(f"/v1/plans/{plan['id']}/download", {"format": "json"})
        yield answer.expect(answer.document()["epoch"] == epoch, "another epoch", epoch)


@rule("410 history-changed")
def a_place_in_another_history_is_410(server: Server) -> Iterator[Finding]:
    """An `after` beyond the head, or another epoch, returns 410 with the epoch and a download."""
    page = server.get(FEED, {"limit": 1}).document()["page"]
    other = "0" * 16 if page["epoch"] != "0" * 16 else "1" * 16
    for place in ({"after": page["head"] + 1}, {"epoch": other}) if page["head"] else ():
        answer = server.get(FEED, place)
        yield answer.is_(410)
        problem = answer.json()
        type_ = problem["type"]
        yield answer.expect(type_.endswith("/history-changed"), type_, "…/history-changed")
        named = problem["epoch"], problem["download"].endswith("/download")
        yield answer.expect(named == (page["epoch"], True), named, page["epoch"])


@rule("Change.changed")
def an_entry_names_what_changed(server: Server) -> Iterator[Finding]:
    """Only `updated` lists changed members: at least one, and neither `version` nor `changed_at`."""
    for row in server.rows(FEED):
        changed = row["changed"]
        if changed is not None:  # from before members were noted
            right = bool(changed) == (row["op"] == "updated")
            right = right and not {"version", "changed_at"} & {*changed}
            asked = f"GET {FEED}?after={row['seq'] - 1}&limit=1"
            yield Finding(right, asked, f"{row['op']}, {changed}", "the members of an update")


@rule("parameter resource, ChangePageInfo.scanned_to")
def a_filtered_walk_misses_nothing(server: Server) -> Iterator[Finding]:
    """Paging by `scanned_to` with a filter returns each change of that resource exactly once."""
    every = server.rows(FEED)
    for kind in dict.fromkeys(row["resource"] for row in every):
        found: list[Row] = []
        after, head = 0, every[-1]["seq"]
        while after < head:
            answer = server.get(FEED, {"resource": kind, "after": after, "limit": 20})
            document = answer.document()
            found += document["data"]
            if document["page"]["scanned_to"] <= after:
                yield answer.expect(False, "scanned_to stands still", "a higher number")
                break
            after = document["page"]["scanned_to"]
        right = [row for row in every if row["resource"] == kind]
        yield Finding(
            found == right, f"GET {FEED}?resource={kind}", f"{len(found)}", f"{len(right)}"
        )
