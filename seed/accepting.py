"""Accepting: bodies are entered into the registry of the plan's folder, decisions into its sheet."""

from collections.abc import Sequence
from typing import Any

from seed.plan_reading import ReadFolder, read_plan
from seed.questions.applying import decisions_of
from seed.questions.decided import Decided
from seed.questions.identity import identify
from seed.questions.proposals import BODIES
from seed.questions.sheet import one_line
from seed.refusals import NoticeRefusedError, excerpt
from seed.registry import check_additions
from seed.safe_files import read_bytes, write_at_once
from seed.sources import Source
from seed.yaml_files import MOST_BYTES

REGISTERED = "bodies.yaml"
HEADER = "# Bodies that an operator registered.  An entry adds and never replaces; an id is never changed.\n"


def accept(accepted: Sequence[Decided], reading: ReadFolder, source: Source) -> ReadFolder:
    """Read the plan again, with what was accepted; the caller holds the lock and writes the sheet.

    Raises NoticeRefusedError, with nothing changed, for a question that is not open and for a value
    that it cannot have.
    """
    still_open = {identify(one, reading.reading) for one in reading.reading.questions}
    for one in accepted:
        if one.question not in still_open:
            raise NoticeRefusedError(
                None, f"“{excerpt(one.words)}” is no longer asked",
                f"an open question; seed read {reading.plan} lists them",
            )  # fmt: skip
    decisions = [
        decision
        for one in accepted
        for decision in decisions_of(one, reading.reading, reading.bodies)
    ]
    entries = [
        (entry, decision)
        for decision in decisions
        if decision.kind in BODIES and isinstance(decision.value, list)
        for entry in decision.value
    ]
    if entries:
        _register(entries, reading.plan, source)
    return read_plan(reading.folder, source, reading.sheet.with_decided(decisions))


def _register(entries: Sequence[tuple[dict[str, Any], Decided]], plan: str, source: Source) -> None:
    """Append entries to the registry of the plan's folder, each with who accepted it."""
    if source.additions is None:
        raise NoticeRefusedError(
            None,
            "bodies for the repository's registry",
            "entries in seed/registry/bodies.yaml by hand",
        )
    check_additions(source.registry, [entry for entry, _ in entries], REGISTERED)
    path = source.additions / REGISTERED
    before = read_bytes(path, MOST_BYTES).decode() if path.exists() else HEADER
    lines = [
        f"# accepted by {decision.by} on {decision.date} for {plan}\n- {one_line(entry)}\n"
        for entry, decision in entries
    ]
    source.additions.mkdir(parents=True, exist_ok=True)
    write_at_once(path, "".join([before.rstrip("\n"), "\n", *lines]).encode())
    source.refresh()
