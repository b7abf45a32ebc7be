"""The frame in English: each text of the templates, by its Chinese."""

from collections.abc import Mapping

ENGLISH: Mapping[str, str] = {
    "政府工作要点": "Government work plans",
    "谁要做什么，何时，到多少": "Who must do what, by when, and how much",
    "把政府工作要点通知变成可查、可引、可跟踪的任务，每个字都能对回原文。": (
        "Chinese government work plans as tasks that you can search, cite and follow, each word "
        "traceable to the notice."
    ),
    # layout
    "跳到正文": "Skip to content",
    "主导航": "Main",
    "要点": "Plans",
    "机构": "Agencies",
    "目标": "Targets",
    "平台": "Platforms",
    "监测": "Monitoring",
    "任务": "Tasks",
    "搜索": "Search",
    "搜索全部内容": "Search everything",
    "数据": "Data",
    "日历": "Calendar",
    "订阅": "Feed",
    "变更订阅": "Feed of changes",
    "大字": "Large text",
    "最新变更": "Latest changes",
    "值得留意": "Worth noting",
    "通报": "Bulletins",
    "评估": "Assessments",
    "开发者": "Developers",
    "关于": "About",
    # shared
    "：": ": ",
    "、": ", ",
    "；": "; ",
    "示例": "Example",
    "未注明": "not stated",
    "印发日期未注明": "date of issue not stated",
    "个百分点": "percentage points",
    "（推定：{basis}）": "(inferred: {basis})",
    "{value}（{day}）": "{value} ({day})",
    "期限": "Due",
    "最新数据": "Latest figure",
    "佐证：": "Evidence: ",
    "已撤回：": "Withdrawn: ",
    "已由 {id} 更正。": "Corrected by {id}.",
    "下一页": "Next page",
    "工作要点": "Work plan",
    "引用": "Cite",
    "复制": "Copy",
    "已复制": "Copied",
    "没有。": "None.",
    "查看": "Show",
    "全部": "All",
    "共 {n} 项": "{n} in total",
    "尚无记录。": "Nothing recorded yet.",
    # front
    "搜索任务、目标、单位、平台": "Search tasks, targets, agencies, platforms",
    "如：省能源局、粤商通、数据": "such as 省能源局, 粤商通, 数据",
    "{tasks} 项任务，{targets} 项目标": "{tasks} tasks, {targets} targets",
    "进展监测": "Monitoring",
    "各单位要做什么": "What each agency must do",
    "全部 {n} 个单位": "All {n} agencies",
    "数一数": "In numbers",
    "全部变更": "All changes",
    "每一页都有对应的 JSON；查询不需要密钥。": "Every page has its JSON; reading needs no key.",
    "从第一条命令开始": "Begin with the first command",
    # plans
    "全部工作要点": "All work plans",
    "各级政府工作要点通知，逐条可查、可引。": "Work plan notices of governments, to search and to cite.",
    "{issuer}：{tasks} 项任务、{agencies} 个单位、{targets} 项目标，逐条可引。": (
        "{issuer}: {tasks} tasks, {agencies} agencies, {targets} targets, each of them citable."
    ),
    "{items} 项，{tasks} 项任务，{agencies} 个单位，{targets} 项目标。": (
        "{items} items, {tasks} tasks, {agencies} agencies, {targets} targets."
    ),
    "各单位任务": "Tasks by agency",
    "通知全文与校正": "Full text and corrections",
    "目录": "Contents",
    "目标：": "Target: ",
    "目标 {n} 项": "{n} targets",
    # pages of the source
    "第 {n} 页": "Page {n}",
    "原件第 {n} 页": "Original, page {n}",
    "，原件第 {n} 页": ", page {n} of the original",
    "原件的一页，与读出的文字对照。": "A page of the original beside the words that were read.",
    "这份要点没有公开页面图像；以下是这一页的文字。": (
        "No pictures of this plan’s pages are published; these are the words of this page."
    ),
    # text
    "收到时的文字与校正后的文字逐处对照。": "The text as received beside the text as corrected.",
    "跳到所选文字": "Go to the selected words",
    "收到时": "As received",
    "校正": "Corrections",
    "校正后": "As corrected",
    "据上下文 {editorial} 处，据字节 {mechanical} 处": (
        "{editorial} by context, {mechanical} proven by the bytes"
    ),
    "逐处校正": "Every correction",
    "据上下文": "By context",
    "据字节": "Proven by the bytes",
    "由收到的字节即可证明；同样的校正只列一次。": (
        "Proven by the bytes as received; the same correction is listed once."
    ),
    "理由": "Reason",
    "类别": "Kind",
    "次数": "Times",
    "（删去）": "(deleted)",
    # task
    "分工": "Assigned",
    "通知未写明": "not stated in the notice",
    "原文作“{words}”": "printed as “{words}”",
    "进展": "Progress",
    "涉及平台": "Platforms",
    "涉及地方": "Places",
    "通知原文": "The notice’s words",
    "在全文中查看": "See it in the full text",
    "其下任务": "Its tasks",
    "进展与评估": "Progress and assessments",
    "第三方评估": "Third-party assessment",
    "单位自报": "Agency’s own report",
    "单位自测": "Agency’s own figure",
    "节点": "Milestone",
    # tasks
    "按单位、进展等筛选任务。": "Tasks by agency, progress and more.",
    "已选条件": "Filters",
    "去掉": "Remove",
    "结果": "Results",
    # agencies
    "查一个单位要做什么：牵头、负责、配合的任务。": (
        "Find what an agency must do: what it leads, is responsible for and supports."
    ),
    "单位名称": "Name of the agency",
    "查找": "Find",
    "没有叫这个名称的单位。": "No agency has this name.",
    "在全部内容中搜索": "Search everything for it",
    "相近的名称：": "Similar names:",
    "类型": "Kind",
    "牵头": "Lead",
    "负责": "Responsible",
    "配合、参与": "Support",
    "指导": "Guide",
    "{name}要做什么：{n} 项任务，逐条注明出处。": (
        "What {name} must do: {n} tasks, each with its place in the notice."
    ),
    "记录": "Record",
    "这是统称：通知没有列出其中有谁，本站也不推测。": (
        "This is a collective: the notice does not list its members, and this site does not guess."
    ),
    "指派给下列统称的任务也可能涉及该单位：": "Tasks of these collectives may concern it, too: ",
    "现有要点没有指派给该单位的任务。": "No plan here assigns a task to this agency.",
    "全部 {n} 项任务": "All {n} tasks",
    # targets
    "承诺了哪些数字，到了多少。": "Which figures were promised, and which are met.",
    "达成情况": "Attainment",
    "已达到": "Met",
    "未达到": "Below",
    "未报告": "Not reported",
    "次序": "Order",
    "原文次序": "As in the notice",
    "期限先后": "By due date",
    "筛选": "Filter",
    # platforms
    "通知提到的平台、系统与举措，各在哪些任务里。": (
        "Platforms, systems and initiatives that notices mention, and in which tasks."
    ),
    "{n} 项任务": "{n} tasks",
    "提到“{name}”的任务。": "Tasks that mention “{name}”.",
    "提到 {n} 次": "mentioned {n} times",
    "提到它的任务": "Tasks that mention it",
    # bulletins and assessments
    "统筹单位发布的通报。": "Official bulletins of the coordinators.",
    "引用的评估与报告": "Assessments and reports referred to",
    "第三方对单位与地区的评估，独立于各单位自报。": (
        "Third parties’ assessments of agencies and regions, independent of the agencies’ reports."
    ),
    "评估方": "Assessor",
    "时段": "Period",
    "等次": "Grade",
    "得分": "Score",
    "方法": "Method",
    "对象": "Subject",
    "结论": "Findings",
    # monitoring
    "某一日的进展：按部分、按单位，超期、未报一目了然。": (
        "The status at a day: by section and agency, overdue and silent."
    ),
    "截至": "As of",
    "截至 {day}：{tasks} 项任务，{targets} 项目标": "As of {day}: {tasks} tasks, {targets} targets",
    "全部任务": "All tasks",
    "保存图表": "Save the chart",
    "已完成": "Completed",
    "正常推进": "On track",
    "存在风险": "At risk",
    "滞后": "Delayed",
    "未启动": "Not started",
    "按部分": "By section",
    "按单位": "By agency",
    "部分": "Section",
    "超期": "Overdue",
    "期满": "Period ended",
    "错过节点": "Missed milestones",
    "已过通知写明的日期": "Past a date that the notice states",
    "计划期满而未完成": "Open at the end of the plan’s period",
    "即将到期": "Due soon",
    "错过的节点": "Missed milestones",
    "尚未报告的单位": "Agencies that have not reported",
    "历程": "Over time",
    "已有报告": "Reported",
    "已有报告的任务（实线）和已完成的任务（虚线）所占比例；数字见下表": (
        "Share of tasks with a report (solid) and of completed ones (dashed); numbers below"
    ),
    "已有报告的任务（实线）和已完成的任务（虚线）所占比例": (
        "Share of tasks with a report (solid) and of completed ones (dashed)"
    ),
    # unusual
    "没写期限、没写牵头、尚未报告、后来改过的。": (
        "Without a date, without a lead, without a report, or changed since."
    ),
    "没写期限的目标": "Targets without a date",
    "期限由计划所属时段推定，并非通知写明。": (
        "Their dates are inferred from the plan’s period, not stated in the notice."
    ),
    "没写牵头或负责单位的任务": "Tasks without a leading or responsible agency",
    "后来变过的任务": "Tasks that have changed since",
    # search
    "在全部通知里搜索任务、目标、单位、平台。": "Search tasks, targets, agencies and platforms in all notices.",
    "再次搜索": "Search again",
    "搜索词": "Words",
    "种类": "Kinds",
    "共 {n} 条": "{n} results",
    "按原文次序列出任务": "List tasks in the order of the notice",
    "名称": "Name",
    "别称": "Other name",
    "编号": "Number",
    "正文": "Text",
    "这些词在通知里出现过：": "These words do occur:",
    # changes
    "新增、更新与撤下，最新的在前。": "Created, updated and withdrawn, newest first.",
    "更早的变更": "Earlier changes",
    # about
    "数据从哪里来，如何核对，如何使用。": "Where the data come from, how to check and to use them.",
    "数据从哪里来": "Where the data come from",
    "任务、分工、目标都来自通知原文，由程序逐字读出，读不准的由人核对。通知没有写的，本站留空，不推测。": (
        "Tasks, assignments and targets are read from the notices by a program; people decide what "
        "it cannot. What a notice does not state stays empty."
    ),
    "据上下文校正 {n} 处": "{n} corrections by context",
    "自报与评估分开": "Reports and assessments are apart",
    "进展、节点、测量由承担任务的单位自报；评估由第三方提交，不改变自报。两者都只增不改，更正与撤回留有理由。": (
        "Progress, milestones and figures are reported by the agencies themselves; assessments come "
        "from third parties and change no report. Both are append-only, and corrections and "
        "withdrawals state their reasons."
    ),
    "核对": "Check",
    "每项任务都标出在全文中的位置；全文有校验和，每处校正都列出。每次写入都在审计链里。": (
        "Each task has its place in the full text; the text has a hash, and every correction is "
        "listed. Every write is in the audit chain."
    ),
    "审计检查点": "Audit checkpoints",
    "使用": "Use",
    # developers
    "查询不需要密钥：第一条命令、格式、限制、客户端。": (
        "Reading needs no key: the first command, formats, limits, clients."
    ),
    "第一条命令": "The first command",
    "接口调试": "Try it out",
    "接口文档": "Reference",
    "客户端": "Clients",
    "可生成各种语言的客户端，如：": "generates clients in many languages, for example:",
    "错误类型": "Problem types",
    "格式": "Formats",
    "要什么": "For",
    "怎么要": "Use",
    "表格": "Tables",
    "逐行 JSON": "JSON lines",
    "整份下载": "A whole plan",
    "跟踪变更": "Changes",
    "繁体": "Traditional Chinese",
    "限制": "Limits",
    "一页最多 1000 行，用 page.next 翻页；请求头最多 64 KB；请带 If-None-Match，没有变化时只返回 304。": (
        "At most 1,000 rows a page, continued with page.next; heads of at most 64 KB; send "
        "If-None-Match, and what has not changed returns 304."
    ),
    "版本 {version}": "Version {version}",
    # jurisdictions
    "{name}的工作要点和机构：{plans} 份要点，{tasks} 项任务。": (
        "Work plans and agencies of {name}: {plans} plans, {tasks} tasks."
    ),
    "区划代码": "Code",
    "连同下级的全部任务": "All tasks, with those of governments below",
    "下级政府": "Governments below",
    # reading
    "读取与核对": "Reading and check",
    "通知由谁读取、由谁核对，多少文字已有解释。": (
        "Who read the notice, who checked it, and how much of its text is explained."
    ),
    "读取": "Reading",
    "读取人": "Read by",
    "读取日期": "Read on",
    "核对人": "Checked by",
    "核对日期": "Checked on",
    "尚未由另一人核对": "not yet checked by another person",
    "读出了多少": "How much was read",
    "每个可能是承诺的数字、日期、序号和分工词句，要么在任务和目标里，要么由规则解释；没有未决的疑问。": (
        "Every number, date, label and role clause that could be a commitment is in a task or "
        "target, or explained by a rule; no question is open."
    ),
    "数值": "Value",
    "含义": "Meaning",
    "由规则解释": "Explained by rules",
    "不属于任务和目标的数字、日期、序号和分工词句，如文号、引文、名称里的数字": (
        "numbers, dates, labels and role clauses that are not part of a task or target, such as "
        "document numbers, dates of reference and numbers in names"
    ),
    "正文之外": "Outside the plan",
    "页眉页码、档号、印发信息、目录，按字数": (
        "page furniture, file codes, imprint and table of contents, by characters"
    ),
    "存疑而照原文": "Acknowledged signs",
    "像是读错、经人核对确为原文的地方": (
        "signs of a wrong reading that a person acknowledged as in the original"
    ),
    "来源": "Source",
    "网址": "Address",
    "取得日期": "Retrieved on",
    "收到时的文字": "Script as received",
    "原文件校验和": "SHA-256 of the file",
    "全文校验和": "SHA-256 of the text",
    # comparison
    "两年对照": "Two years side by side",
    "与较早的要点逐项对照：延续、新增、不再列入，目标和分工怎样变化。": (
        "Beside the earlier plan: what continues, what is new, what is gone, and how targets and "
        "agencies change."
    ),
    "较早的要点": "Earlier plan",
    "对照": "Compare",
    "没有更早的要点可以对照。": "There is no earlier plan to compare with.",
    "延续": "Continued",
    "拓展": "Extended",
    "收窄": "Narrowed",
    "拆分": "Split",
    "合并": "Merged",
    "新列入": "Only in the later plan",
    "不再列入": "Only in the earlier plan",
    "目标变化": "Targets that both have",
    "较早": "Earlier",
    "较晚": "Later",
    "差": "Difference",
    "逐项对照": "Task by task",
    "划去的只在较早的要点里，加下划线的只在较晚的里。": (
        "What is struck out is only in the earlier plan, what is underlined only in the later one."
    ),
    "关系": "Relation",
    "各单位任务数的变化": "Agencies with more or fewer tasks",
    "变化": "Change",
    "新提到的平台": "Platforms only in the later plan",
    "不再提到的平台": "Platforms only in the earlier plan",
    "新增": "Gained",
    "退出": "Lost",
    "与{year}年对照": "Compared with {year}",
    "与上一份对照": "Compared with the plan before",
    # history
    "沿革": "History",
    "这项任务历年怎样延续，数据有过哪些版本。": (
        "How this task goes on through the years, and the versions of its data."
    ),
    "历年": "Through the years",
    "与较早的逐字对照": "word by word",
    "版本": "Version",
    "日期": "Date",
    "缘由": "Cause",
    "变了什么": "What changed",
    # compare
    "同类的两项，或一项的两个版本，逐字对照。": (
        "Two things of a kind, or two versions of one, word by word."
    ),
    "编号或 编号@版本": "ID, or ID@version",
    "划去的只在前者里，加下划线的只在后者里。": (
        "What is struck out is only in the first, what is underlined only in the second."
    ),
    "内容": "Member",
    "另有不同，见 JSON：": "Other differences, see JSON: ",
    "两者相同。": "They are the same.",
    # clauses and rules
    "分工原文": "Clauses",
    "所指：": "covers: ",
    "依据：": "by the rule: ",
    "起点 {value}": "from {value}",
    # states
    "样式": "Styles",
    "反复出现的样式及其各种状态；状态为示意，并非记录。": (
        "What repeats, in all its states, which show the style and were not reported."
    ),
    # errors
    "错误报告": "Error reports",
    "报告错误": "Report an error",
    "报告这几个字的错误": "Report an error in these words",
    "指出本站数据与通知原文不符之处；答复公开。": (
        "Say where the data differ from the notice; your message is published with what was done."
    ),
    "哪里错了，应当是什么，依据在哪里": "What is wrong, what is right, and where it says so",
    "不需要登录，不记录姓名和网络地址。答复后，所写内容连同答复一并公开，请勿填写姓名、电话等个人信息。": (
        "No account is needed; neither name nor address is recorded. Then your message is "
        "published with what was done, so leave out names, telephone numbers and other personal data."
    ),
    "提交": "Send",
    "读者指出的错误，以及怎样处理。": "Errors that readers pointed out, and what was done.",
    "已收到，谢谢。": "Received, thank you.",
    "答复后会列在本页。": "It will be listed here once it is dealt with.",
    "发现错误时，在要点、任务、单位等页面的末尾选“报告错误”。不需要登录。": (
        "To report an error, choose “Report an error” at the end of the page of a plan, task, agency "
        "and so on. No account is needed."
    ),
    "问题": "Report",
    "含个人信息或不当内容，未公布": "has personal data or abuse; not published",
    "答复": "Reply",
    "还没有答复过的报告。": "No report has been dealt with yet.",
    "回到首页": "Front page",
}


def english(text: str) -> str:
    """The English of a text; raises KeyError for one that has none."""
    return ENGLISH[text]
