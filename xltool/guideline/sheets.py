"""The layout of a guideline workbook: its sheets, their columns, and what each column holds.

One table serves the reader (which columns must be there, what a cell may hold) and the writer (widths, drop-downs, notes).
"""
from __future__ import annotations

from dataclasses import dataclass

from ..rules.model import COMMON_CONDITIONS

YES_NO = ("是", "否")
COMMON = "通用"  # in 字段: a column of every project list, not a fact of one programme
SAME = ("企业", "项目", "产品", "设区市", "负责人")  # in 限项: whose projects are counted together
MISSING = "缺"  # in 用例: the fact is not given
ABOUT = ("版本", "标题", "年度", "基准年", "来源", "校对日期", "联系方式所在市", "编写说明")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `kind` is text, date (a text that may be a date), list (several values), formula, number, integer or choice;
    `note` is the header's help.
    """

    title: str
    kind: str = "text"
    width: int = 14
    required: bool = False
    choices: tuple[str, ...] = ()
    note: str = ""


def _c(title: str, width: int, note: str = "", kind: str = "text", required: bool = False, choices: tuple[str, ...] = ()) -> Column:
    return Column(title, "choice" if choices else kind, width, required, choices, note)


_PROGRAMME = _c("项目编号", 14, "“项目”表里的编号", required=True)
_CITE = _c("出处", 22, "文件中的章节条款")

SHEETS: dict[str, tuple[Column, ...]] = {
    "说明": (_c("项目", 16, required=True), _c("内容", 90, kind="date")),
    "项目": (
        _c("编号", 14, "年度加P加文件序号，如2026P1-1", required=True),
        _c("类型", 8, "组：几个项目合用名额，自己没有条件和公式", required=True, choices=("项目", "组")),
        _c("序号", 16, "文件里的序号", required=True),
        _c("方向", 20),
        _c("名称", 36, "文件里的全称", required=True),
        _c("上级", 12, "所属组的编号"),
        _c("申报方式", 10, choices=("申报", "免申直达", "另行通知", "切块", COMMON_CONDITIONS)),
        _c("支持方式", 10, choices=("投入补助", "定额奖励", "按量", "混合", "贷款贴息", "无")),
        _c("补助标准", 36, "给人看的简短说法"),
        _c("补助公式", 40, "Excel公式，得出万元；文件没有可计算的标准就留空", "formula"),
        _c("首付公式", 24, "分期拨付的首付，可用“补助”代表补助额；一次拨付留空", "formula"),
        _c("申报主体", 24),
        _c("主管部门", 18),
        _c("申报开始", 12, "写到日，如2024-10-01；文件只写到月就写2024-10", "date"),
        _c("申报截止", 12, "同上；文件没写就留空", "date"),
        _c("申报时间说明", 36, "文件的说法：谁的截止、几点、仅供参考的月份"),
        _c("绩效表", 14, "“绩效表”里的表号"),
        _c("前身", 14, "这个项目在以前各版里的编号，一行一个；改了名、拆开、合并的也写", "list"),
        _c("出处", 20, "文件中的章节条款", required=True),
        _c("说明", 60, "文件没写清楚、本表采用的理解，一行一条", "list"),
    ),
    "条件": (
        _PROGRAMME,
        _c("条件号", 8, "文件里的条款号，一款拆成几条时加a、b", required=True),
        _c("内容", 36, "给人看的简短说法", required=True),
        _c("适用公式", 26, "只在此时适用，其他情况算满足；总是适用就留空", "formula"),
        _c("条件公式", 46, "Excel公式，得出是或否", "formula", True),
        _c("性质", 8, "提示：只提醒，不决定结论", required=True, choices=("必须", "提示")),
        _CITE,
    ),
    "名额": (
        _PROGRAMME,
        _c("分项", 30, "整个项目的总数留空"),
        _c("对应项目", 14, "分项就是某个项目时填它的编号；写在组的合计行上，就是只有它占组的名额"),
        _c("不超过", 10, kind="integer"),
        _c("不少于", 10, kind="integer"),
        _c("按字段计数", 14, "一个项目占几个名额由哪个字段说；一个项目占一个就留空"),
        _c("各自计算", 10, "这个数对每个推荐单位（每个榜单、每项需求）各算各的，分项不能相加", choices=YES_NO),
        _c("说明", 36),
        _CITE,
    ),
    "限项": (
        _c("项目编号", 14, "受限的项目或组，一行一个；一行里的几个合起来算", "list", True),
        _c("同一", 8, "对谁限：同一个企业、项目、产品……", required=True, choices=SAME),
        _c("不超过", 8, "这几个项目一共最多得几个；几个项目互不重复支持就写1", "integer", True),
        _c("性质", 8, "提示：文件写“原则上”的", required=True, choices=("必须", "提示")),
        _c("说明", 50, "给人看的简短说法", required=True),
        _CITE,
    ),
    "字段": (
        _c("项目编号", 14, "哪个项目用；“通用”表示每份项目清单都有的列", required=True),
        _c("名称", 30, required=True),
        _c("类型", 8, required=True, choices=("金额", "数量", "比例", "日期", "是否", "选项", "文字", "盈亏")),
        _c("单位", 8),
        _c("选项", 40, "类型为选项时填，一行一个", "list"),
        _c("别名", 40, "区县表格里可能的写法，一行一个", "list"),
        _c("说明", 50),
    ),
    "材料": (_PROGRAMME, _c("序号", 6, kind="integer", required=True), _c("材料", 70, required=True), _CITE),
    "评审要点": (_PROGRAMME, _c("序号", 6, kind="integer", required=True), _c("要点", 24, required=True), _c("说明", 70)),
    "绩效表": (
        _c("表号", 16, required=True),
        _c("标题", 44, required=True),
        _c("年度行", 14, required=True),
        _c("表头", 24, "表头各格，一行一个", "list", True),
        _c("预填", 40, "表头格里预先印好的内容，写成 格名=内容", "list"),
        _c("表头注", 40, "表头格里印的注，写成 格名=注", "list"),
        _c("值列", 26, "指标值各列的名称", "list", True),
        _c("共性栏", 16),
        _c("个性栏", 12),
        _c("个性行数", 10, kind="integer", required=True),
        _c("个性预填", 30, "个性指标行里预先印好的内容"),
        _c("每组至少", 10, "有分组的：填了一项的组至少填几项", "integer"),
        _c("只填一组", 10, "有分组的：一个项目只填一组", choices=YES_NO),
        _c("备注", 60, "表下印的注", "list"),
    ),
    "绩效指标": (
        _c("表号", 16, required=True),
        _c("序号", 6, kind="integer", required=True),
        _c("一级指标", 12, required=True),
        _c("二级指标", 12, required=True),
        _c("三级指标", 40, required=True),
        _c("单位", 8),
        _c("核心", 6, "核心指标在表里标*", choices=YES_NO),
        _c("预填", 16, "指标值格里预先印好的内容"),
        _c("提示", 30, "印在指标名后的括号里"),
        _c("上级指标", 20, "“其中”项所属的指标"),
        _c("取值", 8, "空：数值", choices=("定性", "文字", "是否")),
        _c("印刷文字", 40, "与“三级指标（提示）（单位）”不同时填"),
        _c("分组", 30, "二级指标和三级指标之间的一格；带□的，填了就打勾"),
        _c("选项", 24, "印好供选择的答案，一行一个", "list"),
    ),
    "汇总表": (
        _c("表号", 12, required=True), _c("方向", 26, required=True), _c("标题", 70, required=True),
        _c("基准年", 8, "申报单位基本情况的年份", "integer", True),
    ),
    "文书": (
        _c("附件号", 10, required=True),
        _c("名称", 18, "简短的名称，也是写出的文件名", required=True),
        _c("标题", 60, "文件里的全称", required=True),
        _c("模板", 26, "templates文件夹里的Word文件名", required=True),
        _c("用到的列", 24, "这份文书印的清单列，一行一个；空着的会提醒", "list"),
        _c("固定内容", 60, "每个项目都一样的内容，写成 名称=内容；模板里按名称用", "list"),
        _c("验收公式", 50, "由谁组织验收：对“批复专项资金”的Excel公式，得出文字；文件没说的得空文字", "formula"),
        _CITE,
    ),
    "联系方式": (
        _c("方向", 28), _c("领域", 32), _c("子领域", 40), _c("省处室", 20), _c("省电话", 16), _c("市处室", 24), _c("市电话", 24),
        _c("项目编号", 16, "适用的项目，一行一个", "list"),
    ),
    "用例": (
        _PROGRAMME,
        _c("用例", 6, required=True),
        _c("说明", 40),
        _c("基于", 6, "从同一项目的哪个用例改起"),
        _c("事实", 60, "一行一个，写成 名称=值；“缺”表示没填", "list"),
        _c("结论", 8, required=True, choices=("符合", "不符合", "待核实")),
        _c("补助上限", 10, "万元；算不出就留空", "number"),
        _c("补助", 10, "万元", "number"),
        _c("首付", 10, "万元", "number"),
        _c("未满足", 14, "不满足的必须条件的条件号，一行一个", "list"),
    ),
}
