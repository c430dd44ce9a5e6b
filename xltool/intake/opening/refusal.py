"""Why a file cannot be read, in one wording for all readers."""
from __future__ import annotations

from ...rules.problems import Problem, Where

SAVE_AGAIN = "请用Excel或WPS打开检查，另存为.xlsx后重新提交"
SEND_AGAIN = "请对方重新保存、重新发送"
_UNSAFE = "正常的表格没有这样的内容，可能是恶意文件"


class Refusal(Exception):
    """Nothing of the file can be used; carries the problem that says why (without the file's name)."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def damaged(found: str, where: Where | None = None, fix: str = SAVE_AGAIN, expected: str = "文件已损坏") -> Problem:
    """A file, or a place in it, that is not as it was written."""
    return Problem("file.damaged", found, expected, fix, where or Where())


def not_a_table(found: str, fix: str) -> Problem:
    """A file that is something else."""
    return Problem("file.kind", found, "不是能读的电子表格", fix)


def locked(tried: bool) -> Problem:
    """A file that opens with a password only."""
    expected = "给的密码打不开" if tried else "打开文件要密码"
    return Problem("file.password", "有密码", expected, "请用 --password 给出密码，或去掉密码后另存")


def over_limit(found: str, expected: str, fix: str = SAVE_AGAIN) -> Problem:
    """A file that takes more than any honest table."""
    return Problem("file.limit", found, expected, fix)


def unsafe(found: str) -> Problem:
    """A file built to make its reader misbehave."""
    return Problem("file.limit", found, _UNSAFE, "请不要打开，先问清来源；确是表格的，请对方用Excel或WPS另存后重发")
