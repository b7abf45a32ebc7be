"""Somebody does something, over and over."""

import os
import random
from datetime import date, timedelta

from tests.support.practice import LEAD, Service

TASKS = [f"gd-dg-2022-t{code}" for code in ("17.1", "17.2", "17.3", "17.4")]  # all of one agency
TARGETS = {"gd-dg-2022-t17.2-k1": "个", "gd-dg-2022-t17.2-k3": None, "gd-dg-2022-t17.4-k2": "项"}
WRITES = int(os.environ.get("MIRROR_WRITES", "60"))
DAYS = max(300, WRITES)  # that something is said of, once each


def random_write(service: Service, chance: random.Random) -> int:
    """Somebody does something, which may be refused."""
    day = (date(2022, 10, 27) - timedelta(days=chance.randrange(DAYS))).isoformat()
    text = chance.choice(["试验", 'a"b\\\n', "𠮷👩‍👩‍👧", "=1+1"])
    own = service.json("/v1/reports?limit=1000")["data"]
    match chance.randrange(8):
        case 0 | 1:
            body = {
                "as_of": day, "status": chance.choice(["on_track", "delayed", "completed"]),
                "summary": text, "reason": text,
            }  # fmt: skip
            if own and chance.random() < 0.4:
                body["replaces"] = chance.choice(own)["id"]
            return service.post(f"/v1/tasks/{chance.choice(TASKS)}/reports", body).status_code
        case 2 | 3:
            target, unit = chance.choice(list(TARGETS.items()))
            said = {"as_of": day, "value": chance.randrange(300) / 4, "unit": unit, "method": text}
            return service.post(f"/v1/targets/{target}/measurements", said).status_code
        case 4:
            planned = {"title": text, "due_on": day}
            return service.post(f"/v1/tasks/{chance.choice(TASKS)}/milestones", planned).status_code
        case 5:
            return service.assess(findings=text).status_code
        case 6:
            referred = [{"resource": "report", "id": one["id"]} for one in own]
            return service.publish(body=text, refers_to=referred).status_code
    if own and chance.random() < 0.5:
        path = f"/v1/reports/{chance.choice(own)['id']}/withdrawal"
        return service.post(path, {"reason": text}, "coordinator").status_code
    milestones = service.json("/v1/milestones?limit=1000")["data"]
    if not milestones:
        return 0
    path = f"/v1/milestones/{chance.choice(milestones)['id']}"
    said = {"kind": "moved", "day": day, "reason": text}
    return service.patch(path, said, LEAD, If_Match="*").status_code
