"""`python -m tools.sbom`: write sbom.json, a bill of materials (CycloneDX 1.6) from the pins.

Ours and not cyclonedx-bom, which takes 19 more packages to turn the same lines into the same JSON.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

from app import VERSION

ROOT = Path(__file__).parent.parent
PIN = re.compile(r"(?m)^([a-z0-9-]+)==(\S+)[^\n]*((?:\n    --hash=sha256:[0-9a-f]{64}[^\n]*)+)")


def bill(pins: str, version: str) -> dict[str, Any]:
    """The bill; the same pins give the same bytes, so it has no time and no serial number."""
    components = [
        {
            "type": "library",
            "bom-ref": (purl := f"pkg:pypi/{name}@{number}"),
            "name": name,
            "version": number,
            "purl": purl,
            "externalReferences": [
                {
                    "type": "distribution",
                    "url": f"https://pypi.org/project/{name}/{number}/",
                    "hashes": [
                        {"alg": "SHA-256", "content": one}
                        for one in re.findall(r"sha256:([0-9a-f]{64})", hashes)
                    ],
                }
            ],
        }
        for name, number, hashes in PIN.findall(pins)
    ]
    service = {"type": "application", "bom-ref": "workplan-api", "name": "workplan-api"}
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {**service, "version": version}},
        "components": components,
    }


def main() -> int:
    """Write the file."""
    made = bill((ROOT / "requirements.txt").read_text("ascii"), VERSION)
    (ROOT / "sbom.json").write_text(json.dumps(made, indent=1) + "\n", "ascii")
    print(f"sbom.json: {len(made['components'])} components")
    return 0


if __name__ == "__main__":
    sys.exit(main())
