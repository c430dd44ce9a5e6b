"""Faults sent back: a copy of each submission with its faulty cells coloured, notes that say how to fix them, and a list put first.

The original is read and never written. A workbook that is one of the zipped kind keeps its formatting, formulas, pictures, macros
and other sheets; of other formats an .xlsx copy is made, by LibreOffice where it is installed, else of the values that were read;
a file that nothing can be read of is answered with the list alone.
"""
from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..intake import office
from ..intake.grid import Grid
from ..intake.opening.kinds import kind_of
from ..rules.problems import Problem, ProblemsError
from .files import Names, safe_name, write_whole
from .marking.book import Book
from .marking.mark import mark_book
from .marking.plain import plain_workbook

MARKED, CONVERTED, VALUES, LIST = "原件副本", "转换副本", "数值副本", "只有问题清单"
_SUFFIX = "（退回）"
RECORD = ".退回记录.json"  # the copies of the last run with their hashes; hidden, so that nobody takes it for a submission
_CONVERTIBLE = {"xls": ".xls", "biff": ".xls", "xlsb": ".xlsb", "xlsx": ".xlsx", "ods": ".ods", "fods": ".fods", "xml2003": ".xml"}
_TEXTS = ("text", "html", "mht")
_AT_ONCE = 20  # files in one run of LibreOffice
_DECRYPTED = "原件有密码，本副本没有密码；报送前请按要求重新加密。"


@dataclass(frozen=True, slots=True)
class Submission:
    """One file with what is wrong in it. `original` is where it is, or its bytes: the decrypted ones (`decrypted`) if it had a password.

    `grids` are what was read of it, for a copy where no better one can be made.
    """

    original: Path | bytes
    problems: Sequence[Problem]
    hints: Sequence[Problem] = ()
    name: str = ""
    grids: Sequence[Grid] = ()
    decrypted: bool = False

    @property
    def file(self) -> str:
        """The file's name as the county wrote it."""
        return self.name or (self.original.name if isinstance(self.original, Path) else "未命名.xlsx")

    def data(self) -> bytes:
        return self.original if isinstance(self.original, bytes) else self.original.read_bytes()


@dataclass(frozen=True, slots=True)
class Returned:
    """A file sent back: where it is, and how the copy was made (原件副本, 转换副本, 数值副本, 只有问题清单)."""

    path: Path
    file: str
    how: str


def mark(data: bytes, problems: Sequence[Problem], hints: Sequence[Problem] = (), name: str = "", remarks: Sequence[str] = ()) -> bytes:
    """The workbook (.xlsx, .xlsm) with these problems marked in red and hints in yellow, listed on a first sheet.

    `name` is what the list calls the file; `remarks` stand above the list. Parts that no mark touches are kept byte for byte.
    Raises ProblemsError for what is not such a workbook or could not be kept whole.
    """
    return mark_book(Book(data, name), problems, hints, remarks)


@dataclass(frozen=True, slots=True)
class Earlier:
    """Copies of earlier runs whose files have no fault now: those that were removed, and those left because somebody changed them or
    no record says that they are ours.
    """

    removed: tuple[str, ...]
    left: tuple[str, ...]


def write_returns(folder: Path, submissions: Sequence[Submission]) -> list[Returned]:
    """One marked copy per submission with problems, `亭湖区 项目清单（退回）.xlsx`, written into the folder and nowhere else.

    Names are made safe and unique; no original is overwritten, also when it stands in the folder. Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names = Names()
    names.taken |= {s.original.stem.casefold() for s in submissions if isinstance(s.original, Path) and _stands_in(s.original, folder)}
    written = []
    faulty = [submission for submission in submissions if submission.problems]
    kinds: dict[str, set[str]] = defaultdict(set)
    for submission in faulty:
        kinds[_stem(submission)].add(Path(submission.file).suffix)
    for start in range(0, len(faulty), _AT_ONCE):
        for submission, data, suffix, how in _copies(faulty[start:start + _AT_ONCE]):
            stem = _stem(submission)
            stem += Path(submission.file).suffix if len(kinds[stem]) > 1 else ""  # 清单.xls and 清单.ods
            path = folder / (names.unique(safe_name(stem) + _SUFFIX) + suffix)
            write_whole(path, data)
            written.append(Returned(path, submission.file, how))
    return written


def clear_earlier(folder: Path, written: Iterable[Returned]) -> Earlier:
    """Remove the copies that an earlier run wrote here and this one did not, so that no county gets old faults.

    Only what the record lists and nobody has changed since is removed. Then the record lists what this run has written.
    """
    earlier, own = _recorded(folder), {item.path.name: _sha256(item.path) for item in written}
    found = {path.name: path for path in folder.iterdir() if path.is_file() and path.name not in own}
    removed = sorted(name for name in found if earlier.get(name) == _sha256(found[name]))
    for name in removed:
        found.pop(name).unlink()
    write_whole(folder / RECORD, json.dumps(own, ensure_ascii=False, indent=1).encode())
    return Earlier(tuple(removed), tuple(sorted(name for name in found if name in earlier or _SUFFIX in name)))


def _recorded(folder: Path) -> Mapping[str, str]:
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _stem(submission: Submission) -> str:
    """The name without its kind; folders, where it has some, stay: 东台/汇总表 and 大丰/汇总表 are two."""
    return str(Path(submission.file).with_suffix(""))


def _stands_in(original: Path, folder: Path) -> bool:
    return original.resolve().parent == folder.resolve()


Copy = tuple[Submission, bytes, str, str]  # and its bytes, its suffix, how it was made


def _copies(submissions: Sequence[Submission]) -> Iterator[Copy]:
    """Each submission's copy: of the package itself, else of its conversion, its values, or the list alone."""
    waiting: dict[str, tuple[str, bytes]] = {}
    for number, submission in enumerate(submissions):
        data = submission.data()
        kind = kind_of(data, submission.file).id
        if kind == "xlsx" and (copy := _marked(submission, data, MARKED, ())):
            yield copy
        else:
            readable = any(problem.where.sheet for problem in submission.problems)  # nothing that no reader could open
            waiting[str(number)] = (_CONVERTIBLE.get(kind, "") if readable else "", data)
    convertible = {key: file for key, file in waiting.items() if file[0]}
    converted = office.to_xlsx(convertible)
    for key in waiting:
        submission = submissions[int(key)]
        yield _converted(submission, converted.get(key)) or _of_values(submission)


def _marked(submission: Submission, data: bytes, how: str, remarks: Sequence[str]) -> Copy | None:
    """A marked copy, None if the package cannot be kept whole."""
    remarks = [_DECRYPTED, *remarks] if submission.decrypted else remarks
    try:
        book = Book(data, submission.file)
        return submission, mark_book(book, submission.problems, submission.hints, remarks), book.suffix, how
    except ProblemsError:
        return None


def _converted(submission: Submission, data: bytes | None) -> Copy | None:
    if data is None:
        return None
    return _marked(submission, data, CONVERTED, ["本副本由 LibreOffice 从原件转成 .xlsx，格式可能与原件略有不同。"])


def _of_values(submission: Submission) -> Copy:
    remark = "本副本只有从原件读出的数值和文字，没有保留格式和公式。" if submission.grids else "原件不能改写，没有副本；请按下表改正原件。"
    how = VALUES if submission.grids else LIST
    copy = _marked(submission, plain_workbook(submission.grids), how, [remark])
    if copy is None:
        raise ValueError(f"{submission.file}: the copy of values could not be marked")
    return copy
