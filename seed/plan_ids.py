"""What may be the id of a plan, and the name of its folder."""

import re

from seed.refusals import NoticeRefusedError

SHAPE = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*", re.ASCII)
LONGEST = 60
ADDITIONS = "registry"  # the folder of registry additions beside the plans; never a plan's
SYNTHETIC = "synthetic-"  # what ids of plans that no government wrote begin with
# {plan}-s1 is a section, -t3-2 a task, -k1 a target, -r1 a report, -m1, -v1, -a1, -b1 what is said of them.
OF_OTHERS = re.compile(
    r".+-(?:[st](?:a\d+-)?\d+[a-z]?(?:-\d+[a-z]?)*|[kmrvab]\d+)|(?:error|webhook)-\d+"
)
RULE = (
    f"an id such as zj-ai-2026: a-z, 0-9 and -, at most {LONGEST} characters, no {ADDITIONS}, "
    f"not beginning with {SYNTHETIC} and not ending as ids of tasks, sections or reports do (-t1, -s2, -r3)"
)


def plan_id(text: str) -> str:
    """The id of a plan.  Raises NoticeRefusedError for what is none, or could be another thing's."""
    if (
        not SHAPE.fullmatch(text)
        or len(text) > LONGEST
        or text == ADDITIONS
        or text.startswith(SYNTHETIC)
        or OF_OTHERS.fullmatch(text)
    ):
        raise NoticeRefusedError(None, f"the plan {text!r}", RULE)
    return text
