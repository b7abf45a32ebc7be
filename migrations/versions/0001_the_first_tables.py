"""the first tables

Revision: 0001; the first one.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Text by code points, moments in UTC, exact decimals: on SQLite all are TEXT.
WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
INSTANT = sa.Text().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
FIGURE = sa.Text().with_variant(sa.Numeric(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "known_name",
        sa.Column("resource", WORDS, nullable=False),
        sa.Column("key", WORDS, nullable=False),
        sa.Column("id", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("resource", "key", "id", name=op.f("pk_known_name")),
        sqlite_strict=True,
    )
    op.create_table(
        "plan",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("title", WORDS, nullable=False),
        sa.Column("document_number", WORDS, nullable=False),
        sa.Column("issuer", WORDS, nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("addressees", JSON, nullable=False),
        sa.Column("preamble", WORDS, nullable=True),
        sa.Column("closing", WORDS, nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "in_force",
                "superseded",
                "withdrawn",
                name="planstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "received_script",
            sa.Enum(
                "zh-Hans",
                "zh-Hant",
                name="script",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("raw_sha256", WORDS, nullable=False),
        sa.Column("text", WORDS, nullable=False),
        sa.Column("text_sha256", WORDS, nullable=False),
        sa.Column("document", WORDS, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
        sa.UniqueConstraint("document_number", name=op.f("uq_plan_document_number")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_plan_changed_at"), "plan", ["changed_at"], unique=False)
    op.create_table(
        "platform",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "platform",
                "initiative",
                "credential",
                "institution",
                name="platformkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("aliases", JSON, nullable=False),
        sa.Column("document", WORDS, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_platform")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_platform_changed_at"), "platform", ["changed_at"], unique=False)
    op.create_table(
        "region",
        sa.Column("code", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("aliases", JSON, nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_region")),
        sqlite_strict=True,
    )
    op.create_table(
        "revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_revision_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revision")),
        sqlite_strict=True,
    )
    op.create_table(
        "agency",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("official_name", WORDS, nullable=False),
        sa.Column("english_name", WORDS, nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "provincial_department",
                "provincial_office",
                "party_organ",
                "municipality",
                "collective",
                "enterprise",
                "public_institution",
                "mass_organization",
                name="agencykind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("region_code", WORDS, nullable=False),
        sa.Column("aliases", JSON, nullable=False),
        sa.Column("document", WORDS, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["region_code"], ["region.code"], name=op.f("fk_agency_region_code_region")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_agency_changed_at"), "agency", ["changed_at"], unique=False)
    op.create_table(
        "correction",
        sa.Column("plan_id", WORDS, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "pinyin",
                "comma",
                "shifted_run",
                "folded",
                "lost_character",
                "line_break",
                "space",
                "script",
                name="correctionkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("raw", WORDS, nullable=False),
        sa.Column("text", WORDS, nullable=False),
        sa.Column(
            "certainty",
            sa.Enum(
                "certain",
                "context",
                name="certainty",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", WORDS, nullable=True),
        sa.Column("span_start", sa.Integer(), nullable=False),
        sa.Column("span_end", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "span_start >= 0 AND span_start < span_end", name=op.f("ck_correction_span")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_correction_plan_id_plan")),
        sa.PrimaryKeyConstraint("plan_id", "position", name=op.f("pk_correction")),
        sqlite_strict=True,
    )
    op.create_table(
        "section",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("plan_id", WORDS, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("label", WORDS, nullable=False),
        sa.Column("heading", WORDS, nullable=False),
        sa.Column("intro", WORDS, nullable=True),
        sa.Column("span_start", sa.Integer(), nullable=False),
        sa.Column("span_end", sa.Integer(), nullable=False),
        sa.Column("document", WORDS, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "span_start >= 0 AND span_start < span_end", name=op.f("ck_section_span")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_section_plan_id_plan")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_section")),
        sa.UniqueConstraint("plan_id", "ordinal", name=op.f("uq_section_plan_id_ordinal")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_section_changed_at"), "section", ["changed_at"], unique=False)
    op.create_table(
        "task",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("plan_id", WORDS, nullable=False),
        sa.Column("section_id", WORDS, nullable=False),
        sa.Column("parent_id", WORDS, nullable=True),
        sa.Column("code", WORDS, nullable=False),
        sa.Column("item_number", sa.Integer(), nullable=False),
        sa.Column("sub_number", sa.Integer(), nullable=False),
        sa.Column("label", WORDS, nullable=False),
        sa.Column(
            "level",
            sa.Enum(
                "item",
                "subitem",
                name="tasklevel",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("is_leaf", sa.Boolean(), nullable=False),
        sa.Column("title", WORDS, nullable=False),
        sa.Column("body", WORDS, nullable=True),
        sa.Column("assignment_clause", WORDS, nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("span_start", sa.Integer(), nullable=False),
        sa.Column("span_end", sa.Integer(), nullable=False),
        sa.Column("document", WORDS, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.CheckConstraint("(parent_id IS NULL) = (level = 'item')", name=op.f("ck_task_parent")),
        sa.CheckConstraint("(sub_number = 0) = (level = 'item')", name=op.f("ck_task_sub_number")),
        sa.CheckConstraint("span_start >= 0 AND span_start < span_end", name=op.f("ck_task_span")),
        sa.ForeignKeyConstraint(["parent_id"], ["task.id"], name=op.f("fk_task_parent_id_task")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_task_plan_id_plan")),
        sa.ForeignKeyConstraint(
            ["section_id"], ["section.id"], name=op.f("fk_task_section_id_section")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
        sa.UniqueConstraint("plan_id", "code", name=op.f("uq_task_plan_id_code")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_task_changed_at"), "task", ["changed_at"], unique=False)
    op.create_index(op.f("ix_task_parent_id"), "task", ["parent_id"], unique=False)
    op.create_index(
        op.f("ix_task_plan_id_task_span_start"), "task", ["plan_id", "span_start"], unique=False
    )
    op.create_index(op.f("ix_task_section_id"), "task", ["section_id"], unique=False)
    op.create_table(
        "assignment",
        sa.Column("task_id", WORDS, nullable=False),
        sa.Column("agency_id", WORDS, nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "lead",
                "responsible",
                "support",
                "guide",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("as_written", WORDS, nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_assignment_agency_id_agency")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_assignment_task_id_task")),
        sa.PrimaryKeyConstraint("task_id", "agency_id", "role", name=op.f("pk_assignment")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_assignment_agency_id"), "assignment", ["agency_id"], unique=False)
    op.create_table(
        "mention",
        sa.Column("plan_id", WORDS, nullable=False),
        sa.Column("span_start", sa.Integer(), nullable=False),
        sa.Column("span_end", sa.Integer(), nullable=False),
        sa.Column("platform_id", WORDS, nullable=False),
        sa.Column("task_id", WORDS, nullable=True),
        sa.Column("as_written", WORDS, nullable=False),
        sa.CheckConstraint(
            "span_start >= 0 AND span_start < span_end", name=op.f("ck_mention_span")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_mention_plan_id_plan")),
        sa.ForeignKeyConstraint(
            ["platform_id"], ["platform.id"], name=op.f("fk_mention_platform_id_platform")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_mention_task_id_task")),
        sa.PrimaryKeyConstraint("plan_id", "span_start", name=op.f("pk_mention")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_mention_platform_id"), "mention", ["platform_id"], unique=False)
    op.create_index(op.f("ix_mention_task_id"), "mention", ["task_id"], unique=False)
    op.create_table(
        "place",
        sa.Column("task_id", WORDS, nullable=False),
        sa.Column("region_code", WORDS, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["region_code"], ["region.code"], name=op.f("fk_place_region_code_region")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_place_task_id_task")),
        sa.PrimaryKeyConstraint("task_id", "region_code", name=op.f("pk_place")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_place_region_code"), "place", ["region_code"], unique=False)
    op.create_table(
        "target",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("plan_id", WORDS, nullable=False),
        sa.Column("section_id", WORDS, nullable=False),
        sa.Column("task_id", WORDS, nullable=True),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("metric", WORDS, nullable=False),
        sa.Column("statement", WORDS, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "quantitative",
                "coverage",
                "deadline",
                name="targetkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "comparator",
            sa.Enum(
                "eq",
                "gt",
                "gte",
                "lt",
                "lte",
                "between",
                name="comparator",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("value", FIGURE, nullable=True),
        sa.Column("value_upper", FIGURE, nullable=True),
        sa.Column("unit", WORDS, nullable=True),
        sa.Column("as_written", WORDS, nullable=True),
        sa.Column("is_cumulative", sa.Boolean(), nullable=False),
        sa.Column("is_average", sa.Boolean(), nullable=False),
        sa.Column(
            "direction",
            sa.Enum(
                "increase",
                "decrease",
                name="direction",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("scope", WORDS, nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column(
            "due_basis",
            sa.Enum(
                "stated",
                "plan_year",
                name="duebasis",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("span_start", sa.Integer(), nullable=False),
        sa.Column("span_end", sa.Integer(), nullable=False),
        sa.Column("document", WORDS, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "(kind = 'quantitative') = (comparator IS NOT NULL)", name=op.f("ck_target_compared")
        ),
        sa.CheckConstraint(
            "(kind = 'quantitative') = (value IS NOT NULL)", name=op.f("ck_target_value")
        ),
        sa.CheckConstraint(
            "span_start >= 0 AND span_start < span_end", name=op.f("ck_target_span")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_target_plan_id_plan")),
        sa.ForeignKeyConstraint(
            ["section_id"], ["section.id"], name=op.f("fk_target_section_id_section")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_target_task_id_task")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_target")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_target_changed_at"), "target", ["changed_at"], unique=False)
    op.create_index(op.f("ix_target_due_on"), "target", ["due_on"], unique=False)
    op.create_index(op.f("ix_target_plan_id"), "target", ["plan_id"], unique=False)
    op.create_index(op.f("ix_target_section_id"), "target", ["section_id"], unique=False)
    op.create_index(op.f("ix_target_task_id"), "target", ["task_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_target_task_id"), table_name="target")
    op.drop_index(op.f("ix_target_section_id"), table_name="target")
    op.drop_index(op.f("ix_target_plan_id"), table_name="target")
    op.drop_index(op.f("ix_target_due_on"), table_name="target")
    op.drop_index(op.f("ix_target_changed_at"), table_name="target")
    op.drop_table("target")
    op.drop_index(op.f("ix_place_region_code"), table_name="place")
    op.drop_table("place")
    op.drop_index(op.f("ix_mention_task_id"), table_name="mention")
    op.drop_index(op.f("ix_mention_platform_id"), table_name="mention")
    op.drop_table("mention")
    op.drop_index(op.f("ix_assignment_agency_id"), table_name="assignment")
    op.drop_table("assignment")
    op.drop_index(op.f("ix_task_section_id"), table_name="task")
    op.drop_index(op.f("ix_task_plan_id_task_span_start"), table_name="task")
    op.drop_index(op.f("ix_task_parent_id"), table_name="task")
    op.drop_index(op.f("ix_task_changed_at"), table_name="task")
    op.drop_table("task")
    op.drop_index(op.f("ix_section_changed_at"), table_name="section")
    op.drop_table("section")
    op.drop_table("correction")
    op.drop_index(op.f("ix_agency_changed_at"), table_name="agency")
    op.drop_table("agency")
    op.drop_table("revision")
    op.drop_table("region")
    op.drop_index(op.f("ix_platform_changed_at"), table_name="platform")
    op.drop_table("platform")
    op.drop_index(op.f("ix_plan_changed_at"), table_name="plan")
    op.drop_table("plan")
    op.drop_table("known_name")
