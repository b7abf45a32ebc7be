"""Who is meant by a name in a notice of one government.

Bodies of the nation and of the notice's own chain are seen, and the governments below it; those of
other provinces and cities never are.  A short form (教育厅, 发展改革委) is a name only in notices
of the body's own government.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property, lru_cache

from pypinyin import lazy_pinyin

from seed.governments import Government
from seed.reader.role_words import NO_NAME
from seed.refusals import NoticeRefusedError
from seed.registry import Agency as Body
from seed.registry import Registry

LONGEST_NAME = 80
WIDER_NAME = re.compile("国家|国务院|中国|中央|全国|最高")
HANDED_ON = ("省委", "省", "市委", "市", "县委", "县", "区委", "区")  # what 、 hands on
NO_PREFIX = re.compile(
    "市(?:场|政(?!务|府|协|法|策|研|数))|区(?:块|域)|县域"
)  # 市场监管局 is of no city
KINDS = (
    ("government", re.compile("(?:政府|管委会)$")),
    ("party_organ", re.compile("^[省市县区]?委(?!员)|^(?:中央|中共)")),
    ("court_or_procuratorate", re.compile("(?:法院|检察院)$")),
    ("office", re.compile("(?:政府办公厅|政府办公室|政府办|府办)$")),
    ("enterprise", re.compile("(?:公司|集团|银行|支行|分行|电网)$")),
    (
        "mass_organization",
        re.compile(
            "(?:总工会|团委|妇联|科协|文联|侨联|残联|工商联|红十字会|供销社|供销合作社|协会|学会|商会|联合会)$"
        ),
    ),
    ("public_institution", re.compile("(?:大学|学院|学校|研究院|研究所|实验室|医院|中心|馆|台)$")),
)
NAMED_FOR_THEIR_GOVERNMENT = ("department", "office", "party_organ")
TOPS, TAILS = "省市县区", ("局", "委", "办", "办公室", "委员会")
SHORTEST, LONGEST = 4, 20  # characters of a name that may be misprinted
MOST_SOUNDS = 20_000  # names whose sounds are cached, since each plan knows nearly the same
# The work that departments of provinces, cities and counties are named for.
WORK = (
    "发展改革|发展和改革|发改|经济和信息化|经信|工业和信息化|工信|教育|科技|科学技术|民族宗教|民宗|公安|国家安全|民政|司法|财政|"
    "人力资源社会保障|人力资源和社会保障|人力社保|人社|自然资源|自然资源和规划|规划和自然资源|生态环境|住房城乡建设|住房和城乡建设|住房建设|住房保障|住建|"
    "建设|交通运输|交通|水利|水务|农业农村|农业和农村|乡村振兴|商务|文化和旅游|文化广电和旅游|文化广电旅游|文化广电旅游体育|文旅|"
    "卫生健康|退役军人事务|退役军人|应急管理|应急|审计|外事|国资|市场监管|市场监督管理|广电|广播电视|体育|统计|医保|医疗保障|"
    "机关事务|机关事务管理|地方金融监管|地方金融管理|金融监管|金融|金融工作|信访|能源|粮食和物资储备|粮食和储备|粮食物资|林业|海洋|海洋与渔业|渔业|"
    "政务服务数据管理|政务服务和数据管理|政务服务管理|政务服务|数据|数据资源|大数据|大数据管理|人工智能|药监|药品监管|知识产权|中医药|中医药管理|"
    "疾控|监狱管理|戒毒管理|外办|侨办|港澳办|港澳|台办|综合行政执法|综合执法|城市管理|城管|城市管理和综合执法|城市管理综合执法|城管和综合执法|城管执法|城市建设|水务水利|卫健|城市更新|园林|园林绿化|投资促进|"
    "合作交流|口岸|人防|民防|文物|通信管理|通管|邮政管理|气象|地震|税务|烟草专卖|海事|消防救援|工信和科技|科技创新|科工信|工贸|"
    "行政审批|行政服务|公共资源交易|政数|政管|网信|编办|机构编制|档案|党史|保密|侨务|残联|供销|科学技术协会"
)
DEPARTMENT = re.compile(
    rf"(?P<top>省|市|县|区|新区)(?P<work>{WORK})(?:厅|局|委|办|委员会|办公室|管理局|中心|总队|支队|管理委员会)"
)
PARTY = re.compile(
    "(?P<top>省|市|县|区)委(?:办|办公厅|办公室|组织部|宣传部|统战部|社会工作部|社工部|政法委|网信办|编办|政研室|改革办|"
    "人才办|金融办|金融工委|金融工作委员会|军民融合办|外办|台办|老干部局|巡视办|巡察办|党校|农办|财经办|直属机关工委|保密办|国安办|科技委|科技办|科技委办公室)|"
    "(?P<top2>省|市|县|区)(?:政府办公厅|政府办公室|政府办|府办|委编办|纪委监委|纪委|监委|人大|人大常委会|人大办|政协|政协办|法院|检察院|"
    "高级人民法院|人民检察院|军区|军分区|总工会|团委|妇联|科协|文联|侨联|残联|工商联|红十字会|社科联|台联|作协|记协|供销社|供销合作社|"
    "供销联社|政府研究室|社科院|科学院|农科院|委党校|国资委|农办|建委|卫健委|卫生健康委|发改委|发展改革委|科委|经委|外办|侨办|港澳办|编办|网信办|残联)"
)
SUB_GOVERNMENT = re.compile(
    r"[\u4e00-\u9fff]{1,6}(?:市|县|区|州|盟|旗|新区|开发区|经开区|高新区)(?:人民)?(?:政府|管委会)"
    r"|[\u4e00-\u9fff]{2,12}(?:开发区|高新区|经开区|新区|示范区|合作区|保税区|集聚区|度假区|产业园区?)(?:（[^（）]{2,12}）)?(?:管委会|管理委员会)"
)
COLLECTIVE = re.compile(
    r"(?:各(?!地级)|相关|有关|其他|其它|其余|所有|全体|试点|功能区|国务院(?:各|有关|相关)|中央(?:各|有关|相关|和国家机关)|"
    r"(?:省|市|县|区)(?:级|直|属|人民政府|政府)?(?:直属)?(?:其他|其它)?(?:各|各有关|各相关|有关|相关)|(?:省|市|县|区)(?:级|直|属)(?=部门|单位|机关|企业)|在[\u4e00-\u9fff]{1,3}(?=高校|院校)|"
    r"属地|县级以上|地方各级|各级|各地级以上|沿海|涉及|[\u4e00-\u9fff]{4,20}(?=(?:其他)?成员单位))"
    r"[\u4e00-\u9fff（）〔〕、]{0,24}?(?:部门|单位|政府|地区|地方|各地|地市|市|县|区|州|高校|院校|企业|机构|院所|机关|党委|主体|城市|"
    r"管委会|责任单位|成员单位|乡镇|街道|镇街|镇|办事处|银行|医院|学校|平台|园区|协会|集团|公司|委办局|省份|省|新区|开发区|领导小组|指挥部|县（市、区）|市（县、区）|区（县、市）)|各地|各有关方面"
)
PLACES = re.compile(
    "各?(?:镇街|街镇|乡镇|街道|乡镇街道|园区|开发园区|功能区|县市区|区县|县区)(?:人民政府|政府|办事处|管委会)?"
)
DOES = re.compile(
    "(?:政府|部门|单位|地区|各地)(?:建设|推进|推动|开展|实施|加强|制定|组织(?!部)|建立|完善|做好|落实|共同|打造|加快|出台|编制|研究|支持|探索)"
)
ENDING = re.compile(
    r"(?:厅|局|委|委员会|办|办公室|部|院|署|社|总社|会|中心|公司|集团|大学|学院|学校|政府|党委|管委会|分行|支行|银行|"
    r"支队|总队|联|协|库|所|站|海关|企业|单位|部门|地区|高校|机构|检察院|法院|政协|纪委|监委|团委|实验室|研究院|园区|开发区|"
    r"新区|基地|专班|电网|铁路|馆|台|总台|乡镇|街道|办事处|组|联社|工委|联合体|协会|学会|联盟|五谷)"
    r"(?:[（〔][^（）〔〕]*[）〕])?$"
)
PROSE = re.compile(
    r"[。；：“”《》\s%]|的|等|并|将|对|由|或|不|要|建立|推进|加强|推动|实施|开展|加快|完善"
)


@dataclass(frozen=True)
class Known:
    """All bodies and governments that a reader can know."""

    bodies: tuple[Body, ...]
    governments: dict[str, Government]

    def chain(self, code: str) -> list[str]:
        """A government and those above it, the nation last.  Refuses an unknown code."""
        found: list[str] = []
        at: str | None = code
        while at is not None:
            if at not in self.governments:
                raise NoticeRefusedError(
                    None,
                    f"jurisdiction {code}",
                    "a code of registry/governments.yaml: add its line there, or mend editorial.yaml",
                )
            found.append(at)
            at = self.governments[at].parent
        return found

    def within(self, code: str) -> set[str]:
        """A government and all below it."""
        return {one for one in self.governments if code in self.chain(one)}


def known_from(registry: Registry) -> Known:
    """Bodies of both files, and the governments."""
    return Known(registry.everyone, registry.by_code)


def plain(name: str) -> str:
    """A name with one kind of brackets, for looking up."""
    return name.replace("〔", "（").replace("〕", "）").replace(" ", "")


@lru_cache(MOST_SOUNDS)
def _sound(name: str) -> tuple[str, ...]:
    return tuple(lazy_pinyin(name))


@dataclass(frozen=True)
class Bodies:
    """The names that are understood in a notice of one government."""

    known: Known
    jurisdiction: str

    @cached_property
    def names(self) -> dict[str, Body]:
        """Every name that stands by itself, and who is meant; the nearest government first."""
        found: dict[str, Body] = {}
        for distance, names in enumerate(self._by_distance()):
            shared: set[str] = set()
            own: dict[str, Body] = {}
            for name, body in names:
                if own.setdefault(name, body) is not body:
                    shared.add(name)  # of two bodies: nothing may rest on it
            for name, body in own.items():
                if name not in shared or distance:
                    found.setdefault(name, body)
                if name in shared:
                    found.pop(name, None)
        return found

    def _by_distance(self) -> Iterable[list[tuple[str, Body]]]:
        chain = self.known.chain(self.jurisdiction)
        for code in chain:
            yield [
                (plain(name), body)
                for body in self.known.bodies
                if body.region == code
                for name in self._names_of(body, own=code == self.jurisdiction)
            ]
        below = self.known.within(self.jurisdiction) - set(chain)
        yield [
            (plain(name), body)
            for body in self.known.bodies
            if body.region in below and body.kind == "government"
            for name in body.names
        ]

    @staticmethod
    def _names_of(body: Body, *, own: bool) -> list[str]:
        every = list(body.names)
        if own:
            return every
        if body.kind == "collective":
            return []
        level = "省" if body.region != "100000" else ""
        official = {body.name, *(one.name for one in body.dated_names)}
        return [
            name
            for name in every
            if name in official or (name.startswith(level) if level else WIDER_NAME.match(name))
        ]

    @property
    def level(self) -> str:
        """Which level of government the notice is of."""
        return self.known.governments[self.jurisdiction].level

    def find(self, name: str) -> Body | None:
        """Who is meant by a whole name; one with a second name in brackets is one body."""
        name = plain(name)
        if name in self.names:
            return self.names[name]
        if (match := re.fullmatch(r"(.+?)（(.+?)）", name)) and not NO_NAME.search(match[2]):
            return self.names.get(match[1]) or self.names.get(match[2])
        return None

    def by_rule(self, name: str) -> bool:
        """Whether a name is one that departments and governments of this kind usually have."""
        name = plain(name)
        whole = re.fullmatch(r"(.+?)（.+）", name)
        if whole and "、" not in name:
            name = whole[1]
        if match := (DEPARTMENT.fullmatch(self._short(name)) or PARTY.fullmatch(name)):
            top = match["top"] or (match.groupdict().get("top2") or "")
            return top[-1] in {"nation": "", "province": "省", "city": "省市"}.get(
                self.level, "省市县区"
            )
        return SUB_GOVERNMENT.fullmatch(name) is not None and not name.startswith("各")

    def _short(self, name: str) -> str:
        """广东省税务局 of a notice of Guangdong as 省税务局."""
        name = name.removeprefix("国家税务总局")
        own = self.known.governments[self.jurisdiction]
        if own.level in ("province", "city") and name.startswith(own.name) and name != own.name:
            return name[len(own.name) - 1 :]
        return name

    def is_collective(self, name: str) -> bool:
        """Whether a name means bodies that the notice does not list."""
        if DOES.search(name) or NO_NAME.search(name):
            return False
        name = plain(name)
        bare = re.sub("（[^（）]*）$", "", name)  # 各区县政府（某某新区管委会）
        return any(words.fullmatch(one) for one in (name, bare) for words in (COLLECTIVE, PLACES))

    def are_names(self, words: str) -> bool:
        """Whether words are a list of bodies and nothing else, of which one is known or usual."""
        names = re.split("[、，；]", words)
        return any(self.find(name) or self.by_rule(name) for name in names) and all(
            map(self.is_plausible, names)
        )

    def is_plausible(self, name: str) -> bool:
        """Whether words may be the name of a body: known, usual, or ending as names do."""
        if self.find(name) or self.by_rule(name) or self.is_collective(name):
            return True
        return 3 <= len(name) <= 40 and bool(ENDING.search(name)) and not PROSE.search(name)

    def written_out(self, name: str, prefixes: tuple[str, ...]) -> tuple[str, str | None]:
        """A name with the prefix that was handed on to it, and that prefix."""
        if prefixes_of(name) or self.is_collective(name):
            return name, None
        for prefix in prefixes:
            whole = prefix + name
            is_place = SUB_GOVERNMENT.fullmatch(name) is not None  # 光明区政府 takes no 市
            if self.find(whole) or (not self.find(name) and not is_place and self.by_rule(whole)):
                return whole, prefix
        return name, None

    def nearest(self, name: str) -> str | None:
        """The known name that is most like a name."""
        found = get_close_matches(plain(name), [*self.names], 1, 0.75)
        return found[0] if found else None

    def misprint_of(self, name: str) -> str | None:
        """The name, known or usual, that differs in one character, or sounds alike: 省财政听."""
        name = plain(name)
        if name not in self._misprints:
            self._misprints[name] = self._like(name) if SHORTEST <= len(name) <= LONGEST else None
        return self._misprints[name]

    @cached_property
    def _misprints(self) -> dict[str, str | None]:
        return {}

    @cached_property
    def _by_sound(self) -> dict[tuple[str, ...], str]:
        return {_sound(name): name for name in self.names}

    def _like(self, name: str) -> str | None:
        tails = ("厅", *TAILS) if name[0] == "省" else TAILS
        works = WORK.split("|") if name[0] in TOPS else ()
        usual = (f"{name[0]}{work}{tail}" for work in works for tail in tails)
        near = next((one for one in self.names if _differs_by_one(one, name)), None)
        near = near or self._by_sound.get(_sound(name))
        return near or next(
            (one for one in usual if _differs_by_one(one, name) and self.by_rule(one)), None
        )

    def propose(self, name: str) -> str | None:
        """A line for the registry, which somebody may accept; None for words that are no name."""
        if (
            NO_NAME.search(name)
            or not re.search("[\u4e00-\u9fff]{2}", name)
            or len(name) > LONGEST_NAME
        ):
            return None
        if any(
            self.by_rule(name[:at]) and self.by_rule(name[at:]) for at in range(3, len(name) - 2)
        ):
            return None  # two names whose mark between them was lost
        government = self._named_for(name)
        two = re.fullmatch(r"([^（）]+)（([^（）]+)）", plain(name))  # not 各县（市、区）政府
        whole, others = (two[1], two[2].split("、")) if two else (plain(name), [])
        if self.is_collective(whole):
            whole, others = plain(name), []
        if "、" in name and not (self.is_collective(name) or self.by_rule(whole)):
            return None  # 一港五谷（鹿城区政府、龙湾区政府）: several bodies
        # 市府办（金融）: a part of its work, and no other name
        second = ", ".join(one for one in others if self.is_plausible(one))
        bare = re.sub("^[省市县区](?!场|域)", "", whole)
        slug = "-".join(lazy_pinyin(re.sub("[^\u4e00-\u9fff]", "", bare)))
        kind = self._kind(whole)
        # 省数据局 of 示例省 is 示例省数据局; how an enterprise is registered, nobody can know.
        named_for_it = whole[0] == government.name[-1] and kind in NAMED_FOR_THEIR_GOVERNMENT
        official = government.name + whole[1:] if named_for_it else whole
        return (
            f"- {{id: {government.prefix}-{slug}, name: {whole}, official_name: {official}, "
            f'kind: {kind}, region: "{government.code}", aliases: [{second}]}}'
        )

    def _named_for(self, name: str) -> Government:
        """The government of a usual name: 省商务厅 in a notice of Hangzhou is Zhejiang's."""
        chain = [self.known.governments[code] for code in self.known.chain(self.jurisdiction)]
        if not (DEPARTMENT.fullmatch(name) or PARTY.fullmatch(name)):
            return chain[0]
        return next((one for one in chain if one.name[-1] == name[0]), chain[0])

    def _kind(self, name: str) -> str:
        """What sort of body a name usually means."""
        if self.is_collective(name):
            return "collective"
        return next((kind for kind, words in KINDS if words.search(name)), "department")


def _differs_by_one(one: str, other: str) -> bool:
    return len(one) == len(other) and sum(a != b for a, b in zip(one, other, strict=True)) == 1


def prefixes_of(name: str) -> tuple[str, ...]:
    """What a name hands on to the next one after 、, the longest first."""
    if NO_PREFIX.match(name):
        return ()
    return tuple(prefix for prefix in HANDED_ON if name.startswith(prefix))
