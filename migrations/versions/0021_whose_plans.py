"""whose plans and agencies are, for which period, from which source, and who read them

Every plan of 0.5.0 is for one year and of Guangdong, as it knew no other government.

Revision: 0021, after 0020
"""

from datetime import date

import sqlalchemy as sa
from alembic import op

from app.db.columns import CodePointText, Figure, Instant, Json
from migrations.constraints import (
    add_check,
    add_reference,
    allow_null,
    drop_check,
    forbid_null,
    set_choices,
)
from migrations.shapes import demand_rebuild

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

LEVELS = ("nation", "province", "city", "county")
PLAN_KINDS = ("annual_plan", "action_plan", "division_of_tasks", "measures", "other")
AGENCY_KINDS = (
    "department", "office", "party_organ", "government", "collective", "enterprise",
    "public_institution", "mass_organization", "court_or_procuratorate", "other",
)  # fmt: skip
OLD_AGENCY_KINDS = (
    "provincial_department", "provincial_office", "party_organ", "municipality", "collective",
    "enterprise", "public_institution", "mass_organization",
)  # fmt: skip
RENAMED = {
    "provincial_department": "department",
    "provincial_office": "office",
    "municipality": "government",
}
SUCCESSIONS = ("renamed_into", "merged", "split")
GUANGDONG = "440000"
# What `editorial.yaml` and the reader say of the first notice, where nothing is loaded again.
FIRST = """
UPDATE plan SET series = 'gd-digital-government', read_on = '2026-11-23', signs_acknowledged = 0,
       explained_share = '0.1119', set_aside_share = '0'
 WHERE id = 'gd-dg-2022'
"""


def _enum(name: str, values: tuple[str, ...], *, check: bool = True) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=check, length=40)


def _text_of(name: str, values: tuple[str, ...]) -> sa.Enum:
    """Without its check, which comes when each row has a value."""
    return _enum(name, values, check=False)


def upgrade() -> None:
    _regions()
    _plans()
    _agencies()
    _jurisdictions()
    _changes()
    demand_rebuild()


def _regions() -> None:
    op.add_column(
        "region", sa.Column("level", _text_of("jurisdictionlevel", LEVELS), nullable=True)
    )
    add_reference("region", "parent_code", "region.code")
    op.add_column(
        "region", sa.Column("is_example", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.execute(
        "INSERT INTO region (code, name, aliases)"
        " SELECT '100000', '中华人民共和国', '[]' WHERE EXISTS (SELECT 1 FROM region)"
        " AND NOT EXISTS (SELECT 1 FROM region WHERE code = '100000')"
    )
    op.execute("UPDATE region SET level = 'nation' WHERE code = '100000'")
    op.execute(
        "UPDATE region SET level = 'province', parent_code = '100000'"
        " WHERE code LIKE '%0000' AND code <> '100000'"
    )
    op.execute(
        "UPDATE region SET level = 'city', parent_code = substr(code, 1, 2) || '0000'"
        " WHERE level IS NULL"
    )
    forbid_null("region", "level")
    set_choices("region", "level", "jurisdictionlevel", LEVELS)
    op.create_index("ix_region_parent_code", "region", ["parent_code"])


def _plans() -> None:
    add_reference("plan", "jurisdiction_code", "region.code")
    for name, kind in (
        ("period_start_on", sa.Date()),
        ("period_end_on", sa.Date()),
        ("kind", _text_of("plankind", PLAN_KINDS)),
        ("series", CodePointText),
        ("supersedes_id", CodePointText),
        ("source_address", CodePointText),
        ("source_retrieved_on", sa.Date()),
        ("read_on", sa.Date()),
        ("read_by", CodePointText),
        ("checked_on", sa.Date()),
        ("checked_by", CodePointText),
        ("explained_share", Figure()),
        ("set_aside_share", Figure()),
        ("signs_acknowledged", sa.Integer()),
    ):
        op.add_column("plan", sa.Column(name, kind, nullable=True))
    plan = sa.table("plan", *(sa.column(name) for name in ("id", "title", "year")))
    for row in op.get_bind().execute(sa.select(plan)).all():
        op.get_bind().execute(
            sa.text(
                "UPDATE plan SET jurisdiction_code = :code, period_start_on = :start,"
                " period_end_on = :end, kind = :kind WHERE id = :id"
            ).bindparams(
                sa.bindparam("start", type_=sa.Date()), sa.bindparam("end", type_=sa.Date())
            ),
            {
                "id": row.id,
                "code": GUANGDONG,
                "start": date(row.year, 1, 1),
                "end": date(row.year, 12, 31),
                "kind": "annual_plan" if "工作要点" in row.title else "other",
            },
        )
    op.execute(FIRST)
    forbid_null("plan", "jurisdiction_code", "kind")
    allow_null("plan", "document_number", "issuer", "issued_on", "year")
    set_choices("plan", "kind", "plankind", PLAN_KINDS)
    add_check("plan", "period", "(period_start_on IS NULL) = (period_end_on IS NULL)")
    add_check("plan", "period_order", "period_start_on <= period_end_on")
    op.create_table(
        "plan_year",
        sa.Column("plan_id", CodePointText, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False, autoincrement=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_plan_year_plan_id_plan")),
        sa.PrimaryKeyConstraint("plan_id", "year", name=op.f("pk_plan_year")),
        sqlite_strict=True,
    )
    op.create_index("ix_plan_year_year_plan_year_plan_id", "plan_year", ["year", "plan_id"])
    op.execute("INSERT INTO plan_year (plan_id, year) SELECT id, year FROM plan")
    for column in ("jurisdiction_code", "series", "supersedes_id"):
        op.create_index(f"ix_plan_{column}", "plan", [column])


def _agencies() -> None:
    op.execute("ALTER TABLE agency RENAME COLUMN region_code TO jurisdiction_code")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "ALTER TABLE agency RENAME CONSTRAINT fk_agency_region_code_region"
            " TO fk_agency_jurisdiction_code_region"
        )
    op.add_column("agency", sa.Column("names", Json, nullable=True))
    drop_check("agency", "agencykind")
    for old, new in RENAMED.items():
        op.execute(f"UPDATE agency SET kind = '{new}' WHERE kind = '{old}'")  # noqa: S608
    set_choices("agency", "kind", "agencykind", AGENCY_KINDS)
    agency = sa.table(
        "agency", sa.column("id"), sa.column("official_name"), sa.column("names", Json)
    )
    for id_, name in op.get_bind().execute(sa.select(agency.c.id, agency.c.official_name)).all():
        names = [{"name": name, "valid_from": None, "valid_to": None}]
        op.get_bind().execute(sa.update(agency).where(agency.c.id == id_).values(names=names))
    forbid_null("agency", "names")
    op.create_index("ix_agency_jurisdiction_code", "agency", ["jurisdiction_code"])
    op.create_table(
        "succession",
        sa.Column("successor_id", CodePointText, nullable=False),
        sa.Column("predecessor_id", CodePointText, nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=True),
        sa.Column("kind", _enum("successionkind", SUCCESSIONS), nullable=False),
        sa.ForeignKeyConstraint(
            ["successor_id"], ["agency.id"], name=op.f("fk_succession_successor_id_agency")
        ),
        sa.ForeignKeyConstraint(
            ["predecessor_id"], ["agency.id"], name=op.f("fk_succession_predecessor_id_agency")
        ),
        sa.PrimaryKeyConstraint("successor_id", "predecessor_id", name=op.f("pk_succession")),
        sqlite_strict=True,
    )
    op.create_index("ix_succession_predecessor_id", "succession", ["predecessor_id"])


def _jurisdictions() -> None:
    """Governments that have plans or agencies; the rebuild makes their documents."""
    op.create_table(
        "jurisdiction",
        sa.Column("id", CodePointText, nullable=False),
        sa.Column("name", CodePointText, nullable=False),
        sa.Column("document", CodePointText, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("withdrawn_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["id"], ["region.code"], name=op.f("fk_jurisdiction_id_region")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jurisdiction")),
        sqlite_strict=True,
    )
    op.create_index("ix_jurisdiction_name_jurisdiction_id", "jurisdiction", ["name", "id"])
    op.create_index(
        "ix_jurisdiction_changed_at_jurisdiction_id", "jurisdiction", ["changed_at", "id"]
    )
    op.execute(
        "INSERT INTO jurisdiction (id, name, document, version, changed_at)"
        " SELECT code, name, '', 0, (SELECT changed_at FROM revision) FROM region"
        " WHERE code IN (SELECT jurisdiction_code FROM plan WHERE withdrawn_at IS NULL)"
        " OR code IN (SELECT jurisdiction_code FROM agency WHERE withdrawn_at IS NULL)"
    )


def _changes() -> None:
    op.add_column("change", sa.Column("jurisdiction_code", CodePointText, nullable=True))
    op.add_column(
        "change", sa.Column("is_example", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.execute(
        "UPDATE change SET jurisdiction_code ="
        " (SELECT jurisdiction_code FROM plan WHERE plan.id = change.plan_id)"
        " WHERE plan_id IS NOT NULL"
    )
    op.execute(
        "UPDATE change SET jurisdiction_code ="
        " (SELECT jurisdiction_code FROM agency WHERE agency.id = change.id)"
        " WHERE resource = 'agency'"
    )


def downgrade() -> None:
    op.drop_column("change", "is_example")
    op.drop_column("change", "jurisdiction_code")
    op.drop_table("jurisdiction")
    op.drop_table("succession")
    _agencies_as_before()
    _plans_as_before()
    _regions_as_before()


def _agencies_as_before() -> None:
    op.drop_index("ix_agency_jurisdiction_code", "agency")
    op.drop_column("agency", "names")
    drop_check("agency", "agencykind")
    for old, new in RENAMED.items():
        op.execute(f"UPDATE agency SET kind = '{old}' WHERE kind = '{new}'")  # noqa: S608
    set_choices("agency", "kind", "agencykind", OLD_AGENCY_KINDS)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "ALTER TABLE agency RENAME CONSTRAINT fk_agency_jurisdiction_code_region"
            " TO fk_agency_region_code_region"
        )
    op.execute("ALTER TABLE agency RENAME COLUMN jurisdiction_code TO region_code")


def _plans_as_before() -> None:
    for name in ("plankind", "period", "period_order"):
        drop_check("plan", name)
    op.drop_table("plan_year")
    for column in ("jurisdiction_code", "series", "supersedes_id"):
        op.drop_index(f"ix_plan_{column}", "plan")
    forbid_null("plan", "document_number", "issuer", "issued_on", "year")
    for column in (
        "jurisdiction_code", "period_start_on", "period_end_on", "kind", "series",
        "supersedes_id", "source_address", "source_retrieved_on", "read_on", "read_by",
        "checked_on", "checked_by", "explained_share", "set_aside_share", "signs_acknowledged",
    ):  # fmt: skip
        op.drop_column("plan", column)


def _regions_as_before() -> None:
    op.drop_index("ix_region_parent_code", "region")
    drop_check("region", "jurisdictionlevel")
    for column in ("level", "parent_code", "is_example"):
        op.drop_column("region", column)
