"""totals of agencies and platforms by year, role and mode are summed from what each of them holds

Revision: 0036, after 0035
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

import sqlalchemy as sa
from alembic import op

from app.db.columns import CodePointText
from migrations.constraints import forbid_null
from migrations.shapes import fits, fits_no_longer

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

ROLES = """
    SELECT DISTINCT a.agency_id, coalesce(CAST(y.year AS TEXT), '-'), a.role FROM assignment a
    JOIN task t ON t.id = a.task_id LEFT JOIN plan_year y ON y.plan_id = t.plan_id
"""
YEARS = """
    SELECT DISTINCT m.platform_id, CAST(y.year AS TEXT) FROM mention m
    JOIN plan_year y ON y.plan_id = m.plan_id WHERE m.task_id IS NOT NULL
"""
MODES = "SELECT DISTINCT platform_id, mode FROM mention"
Values = Mapping[str, Iterable[str]]  # year → roles or modes


def upgrade() -> None:
    connection = op.get_bind()
    for table in ("agency", "platform"):
        op.add_column(table, sa.Column("held", CodePointText, nullable=True))
    roles: defaultdict[str, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for id_, year, role in connection.execute(sa.text(ROLES)):
        roles[id_][year].add(role)
    _store(connection, "agency", roles)
    years: defaultdict[str, set[str]] = defaultdict(set)
    modes: defaultdict[str, set[str]] = defaultdict(set)
    for statement, found in ((YEARS, years), (MODES, modes)):
        for id_, value in connection.execute(sa.text(statement)):
            found[id_].add(value)
    of_platforms = {id_: dict.fromkeys(years.get(id_, {"-"}), one) for id_, one in modes.items()}
    _store(connection, "platform", of_platforms)
    for table in ("agency", "platform"):
        # A loader that does not know the column is refused, since totals would be wrong.
        forbid_null(table, "held")
        op.create_index(f"ix_{table}_held_{table}_withdrawn_at", table, ["held", "withdrawn_at"])
    fits(revision)


def _store(connection: sa.Connection, table: str, held: Mapping[str, Values]) -> None:
    rows = sa.table(table, sa.column("id"), sa.column("held"))
    connection.execute(sa.update(rows).values(held=""))
    one = sa.update(rows).where(rows.c.id == sa.bindparam("row_id"))
    texts = [{"row_id": id_, "new": _text(values)} for id_, values in held.items()]
    if texts:
        connection.execute(one.values(held=sa.bindparam("new")), texts)


def _text(values: Values) -> str:
    years: defaultdict[str, list[str]] = defaultdict(list)
    for year in sorted(values):
        years["/".join(sorted(values[year]))].append(year)
    return ",".join(f"{'/'.join(years[same])} {same}" for same in sorted(years))


def downgrade() -> None:
    fits_no_longer(revision)
    for table in ("agency", "platform"):
        op.drop_index(f"ix_{table}_held_{table}_withdrawn_at", table)
        op.drop_column(table, "held")
