"""The downloads of a plan, and tables of lists."""

from tests.support import PLAN

DOWNLOAD = f"/v1/plans/{PLAN}/download"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
