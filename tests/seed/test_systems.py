"""Systems are proposed by what they are, with their full printed names."""

from seed.reader.systems import System, proposed_systems

TEXT = """建设财政大数据管理平台和智能财政业务拓展平台，加强统计。
推进自然资源一体化管理与服务平台建设，完善平台功能。
推进“粤政易”平台建设，依托全国一体化政务服务平台建设泛珠三角区域“跨省通办”专区。
推动首席数据官制度在全省推广，升级省政务服务事项管理系统，加快组建产业发展联盟。
支持珠海市探索能力成熟度评估模型，建设完善行政执法综合数据主题库，加强医保电子凭证应用。
发展平台经济，提高城市中心工作系统性。"""


def _proposed(*names: str) -> list[System]:
    return list(proposed_systems(TEXT, names))


def test_systems_are_proposed_with_their_full_names_kinds_and_modes() -> None:
    assert [(one.name, one.kind, one.mode) for one in _proposed("粤政易", "跨省通办")] == [
        ("财政大数据管理平台", "platform", "builds"),
        ("智能财政业务拓展平台", "platform", "builds"),
        ("自然资源一体化管理与服务平台", "platform", "builds"),
        ("全国一体化政务服务平台", "platform", "uses"),
        ("泛珠三角区域“跨省通办”专区", "platform", "builds"),
        ("首席数据官制度", "scheme", "uses"),
        ("省政务服务事项管理系统", "system", "upgrades"),
        ("产业发展联盟", "institution", "builds"),
        ("能力成熟度评估模型", "model", "mentions"),
        ("行政执法综合数据主题库", "database", "builds"),
        ("医保电子凭证", "credential", "uses"),
    ]


def test_a_registered_name_is_not_proposed_again() -> None:
    names = [one.name for one in _proposed("粤政易", "跨省通办", "医保电子凭证", "首席数据官制度")]
    assert "医保电子凭证" not in names
    assert "首席数据官制度" not in names
    assert not any("粤政易" in name for name in names)
