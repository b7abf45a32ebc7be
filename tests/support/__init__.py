"""What tests share: databases, servers, and requests."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PLAN = "gd-dg-2022"
EPOCH = "5f3a9c1e0b7d2486"  # of every database that tests make
LOADED_AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
LATER = LOADED_AT + timedelta(days=1)
# What clients accept that have never heard of a form; where there is only one, they are given it.
ONE_FORM = ["application/json;q=0, */*;q=0", "application/xml", "image/png", "text/html"]
