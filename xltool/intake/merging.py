"""Many submissions read into one list: every project with its file, sheet and row, and what the files say against each other."""
from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..rules.model import Edition
from ..rules.problems import Problem, ProblemsError
from .collisions import Allotment, Funded, collisions, funded_before, over_allotments
from .headers import Vocabulary
from .lists import list_of, read_projects
from .opening import read_sources
from .projects import Project, ProjectList, Skipped


@dataclass(frozen=True)
class Submission:
    """One file and what it gave. `reader` is empty when nobody could read it."""

    path: Path
    name: str
    kind: str
    reader: str
    listed: ProjectList


@dataclass
class Merged:
    """The submissions of an edition together. `problems` are those between files; each submission has its own."""

    edition: Edition
    submissions: list[Submission] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def projects(self) -> list[Project]:
        return [project for each in self.submissions for project in each.listed.projects]

    @property
    def skipped(self) -> list[Skipped]:
        return [row for each in self.submissions for row in each.listed.skipped]

    @property
    def listed(self) -> ProjectList:
        """Everything as one list."""
        problems = [problem for each in self.submissions for problem in each.listed.problems]
        return ProjectList(self.projects, self.skipped, [*problems, *self.problems])


def submission_files(paths: Iterable[Path], leave_out: Iterable[Path] = ()) -> list[Path]:
    """The files named, and all files in the folders named and below, each once, but for hidden ones, what programs keep beside their
    files, and what a run writes: files and folders in `leave_out`. Raises ProblemsError when none is left.
    """
    own = [path.resolve() for path in leave_out]
    found: dict[Path, Path] = {}
    problems = []
    for path in paths:
        below = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
        real = [file for file in below if not _beside_files(file, path)]
        kept = [file for file in real if not any(file.resolve().is_relative_to(place) for place in own)]
        for file in kept:
            found.setdefault(file.resolve(), file)
        if real and not kept:
            problems.append(Problem("file.missing", str(path), "结果也要写在这里，没有当作报送件", "请把结果写到别的文件或文件夹"))
        elif not kept:
            problems.append(Problem("file.missing", str(path), "没有要汇总的文件", "请给出报送件，或放着报送件的文件夹"))
    if not found:
        raise ProblemsError(problems)
    return list(found.values())


def _beside_files(file: Path, folder: Path) -> bool:
    """Whether nobody put the file there: hidden, the lock of an open workbook, what Windows keeps in a folder."""
    hidden = any(part.startswith(".") for part in file.relative_to(folder).parts)
    return hidden or file.name.startswith(("~$", ".~lock.")) or file.name.casefold() in ("thumbs.db", "desktop.ini")


Inputs = Sequence[tuple[str, str]]  # files with their SHA-256


def read_list(source: Path, edition: Edition, leave_out: Iterable[Path] = (), password: str | None = None) -> tuple[ProjectList, Inputs]:
    """The projects of a list, or of all submissions in a folder (but for what stands in `leave_out`), checked against each other, and the
    files read. Raises ProblemsError when nothing can be read.
    """
    if source.is_dir():
        merged = merge(submission_files([source], leave_out), edition, password)
        return merged.listed, [(each.name, each.listed.sha256) for each in merged.submissions]
    listed = read_projects(source, edition, password=password)
    listed.problems.extend(collisions(listed.projects, edition))
    return listed, [(source.name, listed.sha256)]


def merge(files: Sequence[Path], edition: Edition, password: str | None = None, history: Sequence[Funded] = (),
          allotments: Sequence[Allotment] = ()) -> Merged:
    """Read submissions side by side, each in a process of its own, and check them against each other.

    A file that cannot be read is a submission with its problem; the others go on. Raises ProblemsError when none can be read.
    """
    names = _names(files)
    merged, vocabulary = Merged(edition), Vocabulary(edition)
    with uncollected():
        for path, source in zip(files, read_sources(files, password, known=vocabulary.all_keys)):
            source.name = names[path]
            source.problems = [problem.at(replace(problem.where, file=source.name)) for problem in source.problems]
            listed = list_of(source, vocabulary)
            merged.submissions.append(Submission(path, source.name, source.kind, source.reader, listed))
    if not any(each.reader for each in merged.submissions):
        raise ProblemsError(merged.listed.problems)
    projects = merged.projects
    merged.problems += [*collisions(projects, edition), *funded_before(projects, history), *over_allotments(projects, allotments)]
    return merged


@contextmanager
def uncollected() -> Iterator[None]:
    """What is read, and then checked, stays until the end and has no circles; to look for garbage among it would take its time."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _names(files: Sequence[Path]) -> dict[Path, str]:
    """What each file is called: its name, with as many of its folders as tell it from the others."""
    parts = {path: path.resolve().parts[1:] for path in files}
    names = {path: path.name for path in files}
    for depth in range(2, max(map(len, parts.values()), default=0) + 1):
        counts = Counter(names.values())
        names = {path: name if counts[name] == 1 else "/".join(parts[path][-depth:]) for path, name in names.items()}
    return names
