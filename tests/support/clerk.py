"""Plans of an operator, taken in without a process of their own."""

from pathlib import Path

from seed.intake.storing import Source, store
from seed.intake.text import read_text
from seed.yaml_files import read_yaml
from tests.support.reading_small import FRONT

PLAN = "zz-plan-2030"
BODY = """一、夯实基础
（一）建设平台。建成平台3个，算力规模达到20千卡。（省魔法厅牵头，省公安厅配合）
（二）完善制度。6月底前印发办法，推动4A级以上景区建设。（省教育厅）
（四）加强保障。抓好落实。（省公安厅牵头）"""


def take_in(notices: Path, body: str = BODY, plan: str = PLAN) -> Path:
    """Store a small plan of Guangdong as intake does; gives its folder."""
    text = FRONT.format(issuer="广东省人民政府办公厅", title="广东省数据工作2023年要点") + body
    number = 1 + sum(1 for _ in notices.glob("*/raw.txt")) + (1000 if "ours" in plan else 0)
    data = text.replace("〔2023〕1号", f"〔2023〕{number}号").encode()
    return store(notices, (), plan, "440000", Source("a.txt", data), read_text(data))


def numbers(folder: Path) -> dict[str, int]:
    """The numbers of the open questions, by their kinds."""
    listed = read_yaml(folder / "questions.yaml")["open"]
    return {one["kind"]: one["number"] for one in listed}
