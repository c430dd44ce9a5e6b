"""A guideline workbook read into an `Edition`, every cell understood or reported.

`load` gives an edition only when nothing is wrong with it: a rule that cannot be read must not be one that never matches.
"""
from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection
from pathlib import Path

from ..rules import serial
from ..rules.facts import choice_key, read_facts, read_value
from ..rules.formula import FUNCTIONS, FormulaError, Name, parse
from ..rules.model import (
    Case,
    Condition,
    Contact,
    Document,
    Edition,
    Field,
    Form,
    Indicator,
    Limit,
    Note,
    Programme,
    QuotaPart,
    SummaryTable,
)
from ..rules.problems import Problem, ProblemsError
from .checks import check_document, check_edition
from .records import Grids, Reader, Record, with_calamine
from .sheets import ABOUT, COMMON, MISSING


def load(path: Path, grids: Grids = with_calamine) -> Edition:
    """The edition a workbook holds. Raises ProblemsError with everything that is wrong with it."""
    edition, problems = read(path, grids)
    if problems:
        raise ProblemsError(problems)
    return edition


def read(path: Path, grids: Grids = with_calamine) -> tuple[Edition, list[Problem]]:
    """The edition as far as it can be read, and all problems in one pass; `grids` reads the cells."""
    reader = Reader.open(Path(path), grids)
    reader.check_sheets()
    reader.check_cells()
    edition = _Builder(reader).edition()
    return edition, _without_echoes(reader.problems)


def _without_echoes(problems: list[Problem]) -> list[Problem]:
    """Each problem once, and where a sheet or column is missing not all the names that are unknown because of it."""
    gone = {problem.where.sheet for problem in problems if problem.code == "sheet.missing"}
    torn = gone or any(problem.code == "sheet.column" and problem.where.cell == "A1" for problem in problems)
    return [problem for problem in dict.fromkeys(problems) if problem.code == "sheet.missing" or not (
        problem.where.sheet in gone or (torn and problem.code in _ECHOES))]


_ECHOES = ("cell.reference", "cell.unused", "rule.name", "value.unknown")


class _Builder:
    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.places: dict[str, Record] = {}  # programme id → its row in 项目
        self.numbers: dict[str, list[str]] = defaultdict(list)  # programme id → its hard conditions, readable or not
        self.unread: set[str] = set()  # programmes with a formula that cannot be read

    def edition(self) -> Edition:
        about: dict[str, Record] = {}
        for record in self.reader.records("说明"):
            if record.text("项目") in about:
                record.report("项目", "cell.duplicate", record.text("项目"), "这一项写了两次", "请留一个")
            about[record.text("项目")] = record
        if "基准年" in about:
            about["基准年"].integer("内容")
        columns, fields = self.fields()
        programmes = self.programmes(fields)
        edition = Edition(
            id=self.about(about, "版本"), title=self.about(about, "标题"), year=int(self.about_number(about, "年度") or 0),
            source=self.about(about, "来源"), city=about["联系方式所在市"].text("内容") if "联系方式所在市" in about else "",
            checked=self.about(about, "校对日期") and self.day(about["校对日期"], "内容"), programmes=programmes, columns=columns, forms=self.forms(),
            tables=self.tables(), documents=self.documents(columns), contacts=self.contacts(), limits=self.limits(), cases=self.cases(programmes),
            file=self.reader.file, sha256=self.reader.sha256)
        for name, record in about.items():
            if name not in ABOUT:
                record.report("项目", "cell.choice", name, "不认识的说明项", "说明项有：" + "、".join(ABOUT))
        check_edition(edition, self.reader, self.places, self.unread)
        return edition

    def about(self, rows: dict[str, Record], name: str) -> str:
        if name not in rows:
            self.reader.report("说明", "A1", "cell.missing", name, f"缺“{name}”这一行")
            return ""
        text = rows[name].text("内容")
        if not text:
            rows[name].report("内容", "cell.missing", "", f"“{name}”不能空着")
        return text

    def about_number(self, rows: dict[str, Record], name: str) -> int | None:
        self.about(rows, name)
        return rows[name].integer("内容") if name in rows else None

    def fields(self) -> tuple[dict[str, Field], dict[str, dict[str, Field]]]:
        """The columns of every project list, and the facts of each programme."""
        found: dict[str, dict[str, Field]] = defaultdict(dict)
        for record in self.reader.records("字段"):
            programme, name = record.text("项目编号"), record.text("名称")
            kind, choices = record.text("类型"), record.lines("选项")
            field = Field(name, kind if kind and (kind != "选项" or choices) else "文字", record.text("单位"), choices,
                          record.lines("别名"), record.text("说明"))
            if name in found[programme]:
                record.report("名称", "cell.duplicate", name, f"{programme} 的这个字段写了两次", "请留一个")
            if kind:
                self.check_field(record, kind, field)
            if name:
                found[programme][name] = field
        return found.pop(COMMON, {}), found

    def check_field(self, record: Record, kind: str, field: Field) -> None:
        if (kind == "选项") != bool(field.choices):
            record.report("选项", "cell.missing" if kind == "选项" else "cell.type", record.text("选项"),
                          "类型是选项才有、也才必须有选项", "一行一个")
        if len({choice_key(choice) for choice in field.choices}) < len(field.choices):
            record.report("选项", "cell.duplicate", record.text("选项"), "有两个选项只差空格、引号、大小写或全半角", "请留一个，或写得明显不同")
        if field.kind in ("金额", "盈亏") and field.unit != "万元":
            record.report("单位", "cell.choice", field.unit, "金额的单位应为万元", "请写万元")
        if field.kind not in ("金额", "盈亏", "数量") and field.unit:
            record.report("单位", "cell.choice", field.unit, f"{field.kind}没有单位", "请删去；比例在公式里写成百分数，如60%")
        if record.text("项目编号") != COMMON and field.name and not _usable(field.name):
            record.report("名称", "cell.type", field.name, "公式里不能用这个名称", "只用汉字、字母、数字和下划线，不用数字开头，不和函数同名")

    def programmes(self, fields: dict[str, dict[str, Field]]) -> dict[str, Programme]:
        conditions, quota = self.conditions(), self.quota()
        materials, review = self.notes("材料", "材料"), self.notes("评审要点", "要点")
        rows: dict[str, Record] = {}
        members: dict[str, list[str]] = defaultdict(list)
        for record in self.reader.records("项目"):
            name = record.text("编号")
            if name in rows:
                record.report("编号", "cell.duplicate", name, "这个编号写了两次", "请留一个")
                continue
            rows[name] = record
            if record.text("上级"):
                members[record.text("上级")].append(name)
        self.places = rows
        for table, sheet in ((fields, "字段"), (conditions, "条件"), (quota, "名额"), (materials, "材料"), (review, "评审要点")):
            self.known(sheet, table, rows)
        programmes = {}
        for name, record in rows.items():
            ceiling, first = record.formula("补助公式"), record.formula("首付公式")
            if (ceiling is None and record.text("补助公式")) or (first is None and record.text("首付公式")):
                self.unread.add(name)
            programmes[name] = Programme(
                id=name, number=record.text("序号"), title=record.text("名称"), direction=record.text("方向"),
                parent=record.text("上级"), mode=record.text("申报方式"), support=record.text("支持方式"),
                standard=record.text("补助标准"), ceiling=ceiling, first=first, applicant=record.text("申报主体"),
                department=record.text("主管部门"), opens=self.day(record, "申报开始"),
                closes=self.day(record, "申报截止"), window=record.text("申报时间说明"),
                form=record.text("绩效表"), follows=record.lines("前身"), cite=record.text("出处"), readings=record.lines("说明"),
                fields=fields.get(name, {}), conditions=tuple(conditions.get(name, ())), quota=tuple(quota.get(name, ())),
                materials=tuple(materials.get(name, ())), review=tuple(review.get(name, ())),
                members=tuple(members.get(name, ())) if record.text("类型") == "组" else ())
        return programmes

    def day(self, record: Record, title: str) -> str:
        """A calendar day or month in ISO form, empty when the cell is; anything else is a problem."""
        text = record.text(title)
        if re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text):
            return text
        value, problem = read_value(text, Field(title, "日期"))
        if problem:
            record.report(title, "cell.type", text, f"“{title}”应为日期或月份", "请写成2024-10-01或2024-10，别的写在“申报时间说明”里")
        return serial.to_date(value).isoformat() if isinstance(value, float) else ""

    def known(self, sheet: str, table: dict[str, object], rows: dict[str, Record]) -> None:
        """Rows about a programme that 项目 does not have."""
        unknown = set(table) - set(rows)
        for record in self.reader.records(sheet) if unknown else ():
            name = record.text("项目编号")
            if name in unknown and name:
                record.report("项目编号", "cell.reference", name, "“项目”表里没有这个编号", "请检查编号")

    def conditions(self) -> dict[str, list[Condition]]:
        found: dict[str, list[Condition]] = defaultdict(list)
        for record in self.reader.records("条件"):
            programme, number, formula = record.text("项目编号"), record.text("条件号"), record.formula("条件公式")
            when = record.formula("适用公式")
            if any(other.number == number for other in found[programme]):
                record.report("条件号", "cell.duplicate", number, f"{programme} 的这个条件号写了两次", "请加a、b区分")
            if record.text("性质") != "提示":
                self.numbers[programme].append(number)
            if formula is None or (when is None and record.text("适用公式")):
                self.unread.add(programme)
            else:
                found[programme].append(Condition(number, record.text("内容"), formula, when, record.text("性质") != "提示",
                                                  record.text("出处"), record.where("条件公式"), record.where("适用公式")))
        return found

    def quota(self) -> dict[str, list[QuotaPart]]:
        found: dict[str, list[QuotaPart]] = defaultdict(list)
        for record in self.reader.records("名额"):
            programme = record.text("项目编号")
            row = QuotaPart(record.text("分项"), record.text("对应项目"), record.integer("不超过"), record.integer("不少于"),
                            record.text("按字段计数"), record.text("各自计算") == "是", record.text("说明"), record.text("出处"))
            if not (row.part or record.text("不超过") or record.text("不少于")):
                record.report("不超过", "cell.missing", "", "总数没有写", "没有名额限制就删去这一行")
            if any(other.part == row.part for other in found[programme]):
                record.report("分项", "cell.duplicate", row.part or "总数", f"{programme} 的这个分项写了两次", "请留一个")
            if row.maximum is not None and row.minimum is not None and row.minimum > row.maximum:
                record.report("不少于", "cell.type", str(row.minimum), f"大于“不超过”的{row.maximum}", "请检查两个数")
            found[programme].append(row)
        return found

    def notes(self, sheet: str, title: str) -> dict[str, list[Note]]:
        found: dict[str, list[Note]] = defaultdict(list)
        self.once(sheet, "项目编号", "序号")
        for record in self.reader.records(sheet):
            text, cite = ("说明", "") if sheet == "评审要点" else ("", "出处")
            found[record.text("项目编号")].append(
                Note(record.text(title), record.text(text) if text else "", record.text(cite) if cite else ""))
            record.integer("序号")
        return found

    def once(self, sheet: str, *titles: str) -> None:
        """Report rows of a sheet that have the same key."""
        seen: set[tuple[str, ...]] = set()
        for record in self.reader.records(sheet):
            key = tuple(record.text(title) for title in titles)
            if key in seen:
                record.report(titles[-1], "cell.duplicate", key[-1], "和上面的一行重复", "请留一个")
            seen.add(key)

    def forms(self) -> dict[str, Form]:
        indicators: dict[str, list[Indicator]] = defaultdict(list)
        self.once("绩效指标", "表号", "序号")
        for record in self.reader.records("绩效指标"):
            record.integer("序号")
            indicators[record.text("表号")].append(Indicator(
                record.text("一级指标"), record.text("二级指标"), record.text("三级指标"), record.text("单位"),
                record.text("核心") == "是", record.text("预填"), record.text("提示"), record.text("上级指标"),
                record.text("取值"), record.text("印刷文字"), record.text("分组"), record.lines("选项")))
        forms: dict[str, Form] = {}
        for record in self.reader.records("绩效表"):
            name = record.text("表号")
            if name in forms:
                record.report("表号", "cell.duplicate", name, "这个表号写了两次", "请留一个")
            if name not in indicators:
                record.report("表号", "cell.missing", name, "“绩效指标”里没有这张表的指标")
            header = record.lines("表头")
            for title in ("预填", "表头注"):
                for key in record.pairs(title):
                    if key not in header:
                        record.report(title, "cell.reference", key, "表头里没有这一格", "表头有：" + "、".join(header))
            forms[name] = Form(name, record.text("标题"), record.text("年度行"), header, record.pairs("预填"),
                               record.pairs("表头注"), record.lines("值列"), record.text("共性栏"), record.text("个性栏"),
                               record.integer("个性行数") or 0, record.text("个性预填"), record.integer("每组至少") or 0,
                               record.text("只填一组") == "是", record.lines("备注"), tuple(indicators.get(name, ())))
        for record in self.reader.records("绩效指标"):
            name, above = record.text("表号"), record.text("上级指标")
            if name not in forms:
                record.report("表号", "cell.reference", name, "“绩效表”里没有这个表号", "请检查表号")
            elif above and above not in [indicator.name for indicator in forms[name].indicators]:
                record.report("上级指标", "cell.reference", above, "这张表里没有这个三级指标", "请和上级的“三级指标”写得一样")
        return forms

    def tables(self) -> tuple[SummaryTable, ...]:
        self.once("汇总表", "表号")
        self.once("汇总表", "方向")
        return tuple(SummaryTable(record.text("表号"), record.text("方向"), record.text("标题"), record.integer("基准年") or 0)
                     for record in self.reader.records("汇总表"))

    def documents(self, columns: Collection[str]) -> tuple[Document, ...]:
        self.once("文书", "附件号")
        self.once("文书", "名称")
        found = []
        for record in self.reader.records("文书"):
            document = Document(*(record.text(title) for title in ("附件号", "名称", "标题", "模板")), record.lines("用到的列"),
                                record.pairs("固定内容"), record.formula("验收公式"), record.text("出处"))
            check_document(document, found, columns, record)
            found.append(document)
        return tuple(found)

    def contacts(self) -> tuple[Contact, ...]:
        found = []
        for record in self.reader.records("联系方式"):
            contact = Contact(*(record.text(title) for title in ("方向", "领域", "子领域", "省处室", "省电话", "市处室", "市电话")),
                              record.lines("项目编号"))
            for name in contact.programmes:
                if name not in self.places:
                    record.report("项目编号", "cell.reference", name, "“项目”表里没有这个编号", "请检查编号")
            found.append(contact)
        return tuple(found)

    def limits(self) -> tuple[Limit, ...]:
        found = []
        for record in self.reader.records("限项"):
            limit = Limit(record.lines("项目编号"), record.text("同一"), record.integer("不超过") or 0, record.text("性质") != "提示",
                          record.text("说明"), record.text("出处"))
            for name in limit.programmes:
                if name not in self.places:
                    record.report("项目编号", "cell.reference", name, "“项目”表里没有这个编号", "请检查编号")
            if record.text("不超过") and not limit.maximum:
                record.report("不超过", "cell.type", "0", "应为不小于1的整数", "请检查个数")
            found.append(limit)
        return tuple(found)

    def cases(self, programmes: dict[str, Programme]) -> tuple[Case, ...]:
        found: dict[tuple[str, str], Case] = {}
        for record in self.reader.records("用例"):
            programme, number, base = record.text("项目编号"), record.text("用例"), record.text("基于")
            facts: dict[str, str] = {}
            if base:
                if (programme, base) in found:
                    facts.update(found[programme, base].facts)
                else:
                    record.report("基于", "cell.reference", base, f"前面没有 {programme} 的这个用例", "只能基于前面的用例")
            own = record.pairs("事实")
            facts.update(own)
            if (programme, number) in found:
                record.report("用例", "cell.duplicate", number, f"{programme} 的这个用例号写了两次", "请换一个号")
            if programme in programmes:
                self.check_case(record, own, programmes[programme])
            else:
                record.report("项目编号", "cell.reference", programme, "“项目”表里没有这个编号", "请检查编号")
            found[programme, number] = Case(
                programme, number, record.text("说明"), {name: value for name, value in facts.items() if value != MISSING},
                record.text("结论"), record.number("补助上限"), record.number("补助"), record.number("首付"), record.lines("未满足"),
                record.where("结论"))
        return tuple(found.values())

    def check_case(self, record: Record, own: dict[str, str], programme: Programme) -> None:
        _, problems = read_facts({name: None if value == MISSING else value for name, value in own.items()}, programme)
        self.reader.problems += [problem.at(record.where("事实")) for problem in problems]
        numbers = self.numbers[programme.id]
        for number in record.lines("未满足"):
            if number not in numbers:
                record.report("未满足", "cell.reference", number, f"{programme.id} 没有这个必须条件", "条件号有：" + "、".join(numbers))


def _usable(name: str) -> bool:
    """Whether a formula can use a fact of this name."""
    try:
        return parse(name) == Name(name) and name.upper() not in FUNCTIONS
    except FormulaError:
        return False
