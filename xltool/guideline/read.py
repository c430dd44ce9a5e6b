"""A guideline workbook read into an `Edition`, every cell understood or reported.

`load` gives an edition only when nothing is wrong with it: a rule that cannot be read must not be one that never matches.
"""
from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from ..rules.model import (Case, Condition, Contact, Edition, Field, Form, Indicator, Note, Programme, QuotaPart, SummaryTable)
from ..rules.problems import Problem, ProblemsError
from .checks import check_edition
from .records import Reader, Record
from .sheets import ABOUT, COMMON, MISSING


def load(path: Path) -> Edition:
    """The edition a workbook holds. Raises ProblemsError with everything that is wrong with it."""
    edition, problems = read(path)
    if problems:
        raise ProblemsError(problems)
    return edition


def read(path: Path) -> tuple[Edition, list[Problem]]:
    """The edition as far as it can be read, and all problems in one pass."""
    reader = Reader.open(Path(path))
    reader.check_sheets()
    edition = _Builder(reader).edition()
    return edition, reader.problems


class _Builder:
    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.places: dict[str, Record] = {}  # programme id → its row in 项目

    def edition(self) -> Edition:
        about = {record.text("项目"): record for record in self.reader.records("说明")}
        columns, fields = self.fields()
        edition = Edition(
            id=self.about(about, "版本"), title=self.about(about, "标题"), year=int(self.about_number(about, "年度") or 0),
            source=self.about(about, "来源"), city=about["联系方式所在市"].text("内容") if "联系方式所在市" in about else "",
            checked=self.about(about, "校对日期"), programmes=self.programmes(fields), columns=columns, forms=self.forms(),
            tables=self.tables(), contacts=self.contacts(), cases=self.cases(), file=self.reader.file, sha256=self.reader.sha256)
        for name, record in about.items():
            if name not in ABOUT:
                record.report("项目", "cell.choice", name, "不认识的说明项", "说明项有：" + "、".join(ABOUT))
        check_edition(edition, self.reader, self.places)
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
            field = Field(name, record.text("类型") or "文字", record.text("单位"), record.lines("选项"), record.lines("别名"),
                          record.text("说明"))
            if name in found[programme]:
                record.report("名称", "cell.duplicate", name, f"{programme} 的这个字段写了两次", "请留一个")
            if (field.kind == "选项") != bool(field.choices):
                record.report("选项", "cell.missing" if field.kind == "选项" else "cell.type", record.text("选项"),
                              "类型是选项才有、也才必须有选项", "一行一个")
            if field.kind == "金额" and field.unit != "万元":
                record.report("单位", "cell.choice", field.unit, "金额的单位应为万元", "请写万元")
            if name:
                found[programme][name] = field
        return found.pop(COMMON, {}), found

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
            programmes[name] = Programme(
                id=name, number=record.text("序号"), title=record.text("名称"), direction=record.text("方向"),
                parent=record.text("上级"), mode=record.text("申报方式"), support=record.text("支持方式"),
                standard=record.text("补助标准"), ceiling=ceiling, first=first, applicant=record.text("申报主体"),
                form=record.text("绩效表"), cite=record.text("出处"), readings=record.lines("说明"),
                fields=fields.get(name, {}), conditions=tuple(conditions.get(name, ())), quota=tuple(quota.get(name, ())),
                materials=tuple(materials.get(name, ())), review=tuple(review.get(name, ())),
                members=tuple(members.get(name, ())) if record.text("类型") == "组" else ())
        return programmes

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
            if formula is not None:
                found[programme].append(Condition(number, record.text("内容"), formula, when, record.text("性质") != "提示",
                                                  record.text("出处"), record.where("条件公式")))
        return found

    def quota(self) -> dict[str, list[QuotaPart]]:
        found: dict[str, list[QuotaPart]] = defaultdict(list)
        for record in self.reader.records("名额"):
            programme = record.text("项目编号")
            row = QuotaPart(record.text("分项"), record.text("对应项目"), record.integer("不超过"), record.integer("不少于"),
                            record.text("说明"), record.text("出处"))
            if any(other.part == row.part for other in found[programme]):
                record.report("分项", "cell.duplicate", row.part or "总数", f"{programme} 的这个分项写了两次", "请留一个")
            if row.maximum is not None and row.minimum is not None and row.minimum > row.maximum:
                record.report("不少于", "cell.type", str(row.minimum), f"大于“不超过”的{row.maximum}", "请检查两个数")
            found[programme].append(row)
        return found

    def notes(self, sheet: str, title: str) -> dict[str, list[Note]]:
        found: dict[str, list[Note]] = defaultdict(list)
        for record in self.reader.records(sheet):
            text, cite = ("说明", "") if sheet == "评审要点" else ("", "出处")
            found[record.text("项目编号")].append(
                Note(record.text(title), record.text(text) if text else "", record.text(cite) if cite else ""))
            record.integer("序号")
        return found

    def forms(self) -> dict[str, Form]:
        indicators: dict[str, list[Indicator]] = defaultdict(list)
        for record in self.reader.records("绩效指标"):
            record.integer("序号")
            indicators[record.text("表号")].append(Indicator(
                record.text("一级指标"), record.text("二级指标"), record.text("三级指标"), record.text("单位"),
                record.text("核心") == "是", record.text("预填"), record.text("提示"), record.text("上级指标"),
                record.text("取值"), record.text("印刷文字")))
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
                               record.integer("个性行数") or 0, record.lines("备注"), tuple(indicators.get(name, ())))
        for record in self.reader.records("绩效指标"):
            if record.text("表号") not in forms:
                record.report("表号", "cell.reference", record.text("表号"), "“绩效表”里没有这个表号", "请检查表号")
        return forms

    def tables(self) -> tuple[SummaryTable, ...]:
        return tuple(SummaryTable(record.text("表号"), record.text("方向"), record.text("标题"), record.integer("基准年") or 0)
                     for record in self.reader.records("汇总表"))

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

    def cases(self) -> tuple[Case, ...]:
        found: dict[tuple[str, str], Case] = {}
        for record in self.reader.records("用例"):
            programme, number, base = record.text("项目编号"), record.text("用例"), record.text("基于")
            facts: dict[str, str] = {}
            if base:
                if (programme, base) in found:
                    facts.update(found[programme, base].facts)
                else:
                    record.report("基于", "cell.reference", base, f"前面没有 {programme} 的这个用例", "只能基于前面的用例")
            facts.update(record.pairs("事实"))
            if (programme, number) in found:
                record.report("用例", "cell.duplicate", number, f"{programme} 的这个用例号写了两次", "请换一个号")
            if programme not in self.places:
                record.report("项目编号", "cell.reference", programme, "“项目”表里没有这个编号", "请检查编号")
            found[programme, number] = Case(
                programme, number, record.text("说明"), {name: value for name, value in facts.items() if value != MISSING},
                record.text("结论"), record.number("补助上限"), record.number("补助"), record.number("首付"), record.lines("未满足"),
                record.where("结论"))
        return tuple(found.values())
