"""What a notice does with a system, from the words around its name."""

import pytest

from seed.reader.modes import mode_of


@pytest.mark.parametrize(
    ("sentence", "mode"),
    [
        ("支持建设基于区块链的［证照平台］，支持试点。", "builds"),
        ("打造指挥中心、监督中心和［协同中心］，实现互联。", "builds"),
        ("依托现有场所建设［交易场所］。", "builds"),
        ("加快组建和完善［产业联盟］。", "builds"),
        ("建设“数据创新+能力提升”的［服务平台］。", "builds"),
        ("建设综合应用支撑平台、［决策中心］。", "builds"),
        ("加强［生态云平台］建设，构建应用。", "builds"),
        ("开展［监管系统］、“智慧航道”等重点项目建设运营工作。", "builds"),
        ("优化升级［事项系统］，建设运营中心。", "upgrades"),
        ("提升“［粤治慧］”基础平台支撑能力。", "upgrades"),
        ("推进“［粤政易］”平台自主管理能力建设。", "upgrades"),
        ("依托［全国平台］，建设专区。", "uses"),
        ("通过“粤省事”“［粤商通］”平台对外提供服务。", "uses"),
        ("探索以［社保卡］为载体的服务。", "uses"),
        ("推动［首席数据官制度］在全省推广。", "uses"),
        ("推动［省级平台］与各地市平台互联互通。", "uses"),
        ("确保［通关凭证］稳定运行。", "mentions"),
        ("开展“［粤盾］”攻防演练，建设队伍。", "mentions"),
        ("［专区］", "mentions"),
    ],
)
def test_the_mode_of_a_system_is_that_of_the_words_around_it(sentence: str, mode: str) -> None:
    start = sentence.index("［")
    end = sentence.index("］") - 1
    assert mode_of(sentence.replace("［", "").replace("］", ""), start, end) == mode
