"""What is wrong with somebody's input, as data.

A problem is collected, never printed one at a time and never raised: a clerk wants the whole list in one pass. Exceptions are
for faults of the program or the file system. Every problem says where it is, what was found, what was expected and how to fix it.

Codes, as a tree (the manual prints it)::

    file                整个文件
      file.unreadable     不是工作簿，或损坏、加密
      file.missing        没有这个文件，或打不开
      file.kind           是别的文件：Word、PDF、压缩包、临时文件
      file.password       打开要密码
      file.damaged        文件或其中一处已损坏，可能缺内容
      file.limit          太大、太慢，或像恶意文件
      file.duplicate      和别的文件同名
    sheet               一张表或它的表头
      sheet.missing       缺工作表
      sheet.column        缺列、列重复、不认识的列
      sheet.empty         没有找到表格
    cell                一个单元格（不是公式的）
      cell.missing        该填的没填
      cell.type           写法或类型不对
      cell.choice         不在选项里
      cell.duplicate      同一个编号写了两次
      cell.reference      没有这个编号、表号或分项
      cell.unused         没有用到
    rule                规则的公式
      rule.syntax         看不懂
      rule.name           没有这个字段
      rule.function       没有这个函数，或参数个数不对
      rule.type           类型不合，如日期和金额比较
      rule.unit           单位不合，如家数和万元比较
      rule.size           太长或太深
      rule.unreachable    走不到的分支
      rule.contradiction  互相矛盾的条件
      rule.constant       所有项目都满足，或都不满足
    case                用例
      case.differs        结果和应得的不同，或用例不够
    value               一个项目的数据
      value.type          不是这种类型的值
      value.range         超出范围
      value.choice        不在选项里
      value.unknown       没有这个项目或事实
      value.conflict      互相矛盾
    note                读得出来，请核对
      note.reading        按约定读的值：只写到月、日期的序号
      note.unit           哪里都没有写单位
      note.column         不认识的列，原文留着
      note.hidden         在隐藏的行、列或工作表里
      note.name           区划、行业表里没有的名称
      note.alike          和另一个很像
      note.blank          别的行填了，这一行空着
      note.sum            各行的合计和总数不同
      note.proposal       拟的数，还没有批复
      note.unstated       文件没有写的，空着
    run                 一次运行
      run.changed         要接着做的那次，文件或选项不一样
    template            输出的模板
      template.syntax     标记看不懂
      template.name       数据里没有这个名称
      template.value      放不进单元格的值
      template.formula    公式不能跟着行移动
      template.part       模板里有不支持的内容
      template.failed     填写时出错
    office              用 LibreOffice 转换
      office.missing      没有装，或装得不全
      office.failed       一个文件没有转成
      office.pages        印出的页和工作表对不上
"""
from __future__ import annotations

import errno
from collections.abc import Iterable
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Where:
    """A place in a file: file name, sheet and A1 cell, each empty when it does not apply."""

    file: str = ""
    sheet: str = ""
    cell: str = ""

    def __str__(self) -> str:
        place = f"{self.sheet}!{self.cell}" if self.sheet and self.cell else self.sheet or self.cell
        return " ".join(part for part in (self.file, place) if part)


NOWHERE = Where()


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in somebody's input: what was found where, what was expected, and how to fix it (Chinese)."""

    code: str
    found: str
    expected: str
    fix: str = ""
    where: Where = NOWHERE

    @property
    def is_note(self) -> bool:
        """Whether nothing is wrong yet: a value read by convention, a likeness somebody should look at."""
        return self.code.startswith("note.")

    def at(self, where: Where) -> Problem:
        """The same problem, at a place."""
        return replace(self, where=where)

    def __str__(self) -> str:
        place = f"{self.where} " if str(self.where) else ""
        fix = f"；{self.fix}" if self.fix else ""
        return f"{place}“{self.found}”：{self.expected}{fix}"


def counted(problems: Iterable[Problem]) -> str:
    """How many problems and notes there are, in words.

    >>> counted([Problem("cell.type", "x", "y"), Problem("note.alike", "x", "y")])
    '问题 1 个，提示 1 个'
    """
    notes = [problem.is_note for problem in problems]
    return f"问题 {notes.count(False)} 个" + (f"，提示 {notes.count(True)} 个" if any(notes) else "")


class ProblemsError(Exception):
    """Work that cannot go on because of problems in its input; carries all of them."""

    def __init__(self, problems: list[Problem] | tuple[Problem, ...]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))

    def __reduce__(self) -> tuple[type[ProblemsError], tuple[tuple[Problem, ...]]]:
        return type(self), (self.problems,)  # to cross from one process to another


_REASONS = {errno.EISDIR: "是文件夹，不是文件", errno.ENOENT: "没有这个文件或文件夹", errno.EEXIST: "是文件，不是文件夹",
            errno.ENOTDIR: "是文件，不是文件夹", errno.ENOSPC: "磁盘满了", errno.EDQUOT: "磁盘的配额用完了",
            errno.EFBIG: "文件太大，这个磁盘放不下", errno.EROFS: "这个磁盘不能写", errno.ENAMETOOLONG: "名字太长",
            errno.EACCES: "没有权限", errno.EPERM: "没有权限"}


def reason(error: OSError) -> str:
    """Why a file cannot be read or written."""
    return _REASONS.get(error.errno) or f"读写出错（{error.strerror or error}）"
