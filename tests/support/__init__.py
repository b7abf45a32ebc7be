"""What tests share: databases, servers, and requests."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PLAN = "gd-dg-2022"
LOADED_AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
LATER = LOADED_AT + timedelta(days=1)
