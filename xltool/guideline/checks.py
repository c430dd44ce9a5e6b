"""Checks that need the whole edition: formulas against their facts, conditions against each other, names across sheets."""
from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from ..rules.check import MONEY, NUMBER, Type, check_amount, check_condition, check_text
from ..rules.domain import Box, constant, contradiction, dead_branches, narrow, start
from ..rules.formula import Node
from ..rules.model import (
    APPROVED,
    EDITION_OF,
    SUBSIDY,
    Condition,
    Document,
    Edition,
    Field,
    Formula,
    Programme,
    title_key,
)
from ..rules.problems import Problem
from .records import Reader, Record


def check_edition(edition: Edition, reader: Reader, rows: Mapping[str, Record], unread: Collection[str] = ()) -> None:
    """Report everything wrong with a read edition that no single cell shows.

    Of programmes with `unread` formulas it is not known which facts they use.
    """
    for programme in edition.programmes.values():
        record = rows[programme.id]
        _check_references(programme, edition, record)
        if record.text("类型") == "组":
            _check_group(programme, record)
        else:
            _check_rules(programme, reader, record, complete=programme.id not in unread)
    _check_quota(edition, reader)
    _check_shared_names(edition, reader)
    _check_titles(edition, rows)


def check_document(document: Document, before: Sequence[Document], columns: Collection[str], record: Record) -> None:
    """Report what a row of 文书 names that is not there, and what it says otherwise than the rows before it."""
    name = document.template
    if name and (not name.endswith(".docx") or any(sign in name for sign in "/\\:") or name.startswith(".")):
        record.report("模板", "cell.type", name, "应为Word文件名，不带文件夹", "如 credit-commitment.docx")
    for column in document.columns:
        if column not in columns:
            record.report("用到的列", "cell.reference", column, "“字段”里没有这个通用的列", "请和“字段”的名称写得一样")
    stated = {name: text for other in before for name, text in other.presets.items()}
    for name, text in document.presets.items():
        if stated.get(name, text) != text:
            record.report("固定内容", "value.conflict", f"{name}={text}", f"上面写的是“{stated[name]}”", "一版里同一个名称只有一个内容")
    if document.acceptance is not None:
        types = {APPROVED: Type(NUMBER, MONEY)}
        problems = check_text(document.acceptance.node, types) or list(dead_branches(document.acceptance.node, start(types)))
        record.reader.problems += [problem.at(record.where("验收公式")) for problem in problems]


def _check_references(programme: Programme, edition: Edition, record: Record) -> None:
    if programme.form and programme.form not in edition.forms:
        record.report("绩效表", "cell.reference", programme.form, "“绩效表”里没有这个表号", "请检查表号")
    if programme.parent and programme.parent == programme.id:
        record.report("上级", "cell.reference", programme.parent, "上级不能是自己", "请检查编号")
    elif programme.parent and programme.parent not in edition.programmes:
        record.report("上级", "cell.reference", programme.parent, "没有这个编号的组", "请检查编号")
    elif programme.parent and not edition.programmes[programme.parent].members:
        record.report("上级", "cell.reference", programme.parent, "这个编号不是组", "请把它的类型改为组")
    for name in programme.follows:
        if not EDITION_OF.match(name) or name.startswith(edition.id + "P"):
            record.report("前身", "cell.reference", name, "应为以前一版的项目编号", "如2024P1-1-1，一行一个")
    if edition.id and not programme.id.startswith(edition.id + "P"):
        record.report("编号", "cell.type", programme.id, f"应以“{edition.id}P”开头", "版本号加P加文件序号")
    directions = {table.direction for table in edition.tables}
    if record.text("类型") == "项目" and directions and programme.direction not in directions:
        record.report("方向", "cell.reference", programme.direction, "“汇总表”里没有这个方向", "方向有：" + "、".join(sorted(directions)))


def _check_group(group: Programme, record: Record) -> None:
    if not group.members:
        record.report("编号", "cell.missing", group.id, "这个组没有项目", "请在项目的“上级”里填组的编号")
    for title, value in (("补助公式", group.ceiling), ("首付公式", group.first)):
        if value is not None:
            record.report(title, "cell.type", value.text, "组没有公式", "请写在组里的项目上")
    if group.conditions or group.fields:
        record.report("类型", "cell.type", "组", "组没有条件和字段", "请写在组里的项目上")


def _check_rules(programme: Programme, reader: Reader, record: Record, complete: bool) -> None:
    types = {name: field.type for name, field in programme.fields.items()}
    box = start(types)
    used: set[str] = set()
    sound: list[tuple[str, Formula]] = []
    for condition in programme.conditions:
        used.update(condition.rule.names)
        if _check_condition(condition, types, box, reader) and condition.hard:
            sound.append((condition.number, condition.rule))
    if clash := contradiction([(number, rule.node) for number, rule in sound], box):
        at = next(condition.where for condition in programme.conditions if condition.number == clash[1])
        reader.problems.append(Problem("rule.contradiction", f"条件{clash[1]}", f"和条件{clash[0]}矛盾，没有项目能同时满足",
                                       "请检查两条的数字和比较方向", at))
    for title, formula, extra in (("补助公式", programme.ceiling, {}), ("首付公式", programme.first, {SUBSIDY: Type(NUMBER, MONEY)})):
        if formula is not None:
            used.update(formula.names)
            problems = check_amount(formula.node, {**types, **extra}) or list(dead_branches(formula.node, box))
            if not problems and not formula.names and not (formula.evaluate({}) or 0.0) > 0:
                problems = [Problem("rule.constant", formula.text, "不是大于0的金额", "没有可计算的标准就留空")]
            reader.problems += [problem.at(record.where(title)) for problem in problems]
    if SUBSIDY in programme.fields:
        record.report("编号", "cell.duplicate", SUBSIDY, "字段不能叫“补助”，它在首付公式里代表补助额", "请换一个名称")
    if programme.first is not None and programme.ceiling is None and complete:
        record.report("首付公式", "cell.missing", programme.first.text, "有首付公式就要有补助公式")
    if complete:
        _check_unused(programme, reader, used)


def _check_condition(condition: Condition, types: Mapping[str, Type], box: Box, reader: Reader) -> bool:
    """Report what is wrong with a condition and with when it applies; whether nothing is."""
    when, rule = condition.when and condition.when.node, condition.formula.node
    before = len(reader.problems)
    if when is not None:
        problems = check_condition(when, types) or _sense(when, box)
        reader.problems += [problem.at(condition.where_when) for problem in problems]
        box = box if problems else narrow(box, when, True) or box
    problems = check_condition(rule, types) or _sense(rule, box)
    reader.problems += [problem.at(condition.where) for problem in problems]
    return len(reader.problems) == before


def _sense(node: Node, box: Box) -> list[Problem]:
    """Branches nobody can take, or that everybody or nobody meets the whole."""
    problems = list(dead_branches(node, box))
    always = constant(node, box)
    return problems or ([always] if always else [])


def _check_unused(programme: Programme, reader: Reader, used: set[str]) -> None:
    unused = [name for name in programme.fields if name not in used]
    for record in reader.records("字段") if unused else ():
        if record.text("项目编号") == programme.id and record.text("名称") in unused:
            record.report("名称", "cell.unused", record.text("名称"), f"{programme.id} 的公式没有用到这个字段", "请删去，或写进条件")


def _check_quota(edition: Edition, reader: Reader) -> None:
    for record in reader.records("名额"):
        programme = edition.programmes.get(record.text("项目编号"))
        member = record.text("对应项目")
        if programme and member and member not in programme.members:
            record.report("对应项目", "cell.reference", member, f"不是组 {programme.id} 里的项目", "组里有：" + "、".join(programme.members))
        counted = record.text("按字段计数")
        if programme and counted and (counted not in programme.fields or programme.fields[counted].kind != "数量"):
            numbers = [field.name for field in programme.fields.values() if field.kind == "数量"]
            record.report("按字段计数", "cell.reference", counted, f"不是 {programme.id} 的数量字段", "数量字段有：" + "、".join(numbers))
        total = next((row.maximum for row in programme.quota if not row.part), None) if programme else None
        minima = [row.minimum or 0 for row in programme.quota if row.part] if programme else []
        if total is not None and not record.text("分项") and sum(minima) > total:
            record.report("不超过", "cell.type", str(total), f"各分项“不少于”合计{sum(minima)}，大于总数", "请检查名额")
        if total is not None and record.text("分项"):
            for title in ("不超过", "不少于"):
                value = record.integer(title)
                if value is not None and value > total:
                    record.report(title, "cell.type", str(value), f"大于总数{total}", "请检查名额")


def _check_shared_names(edition: Edition, reader: Reader) -> None:
    """A name of a fact means one thing in the whole edition, so that an enterprise can state it once for all programmes."""
    first: dict[str, Field] = {}
    for record in reader.records("字段"):
        programme = edition.programmes.get(record.text("项目编号"))
        field = programme.fields.get(record.text("名称")) if programme else None
        if field and (same := first.setdefault(field.name, field)) and (same.kind, same.choices) != (field.kind, field.choices):
            record.report("名称", "value.conflict", field.name, f"在别的项目里是{same.kind}{'：' + '、'.join(same.choices) if same.choices else ''}",
                          "一版里同名的字段要有同样的类型和选项，否则请改名")


def _check_titles(edition: Edition, rows: Mapping[str, Record]) -> None:
    first: dict[str, Programme] = {}
    for programme in edition.programmes.values():
        same = first.setdefault(title_key(programme.title), programme)
        if same is not programme and programme.title:
            rows[programme.id].report("名称", "cell.duplicate", programme.title, f"和 {same.id} 同名", "名称要能区分项目")
