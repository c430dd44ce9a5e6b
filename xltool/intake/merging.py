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
from .lists import list_of
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
    """The files named, and all files in the folders named and below, but for hidden ones and what a run writes: files and folders
    in `leave_out`.
    """
    own = [path.resolve() for path in leave_out]
    found: dict[Path, None] = {}
    for path in paths:
        below = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
        found.update((file, None) for file in below if not _left_out(file, path, own))
    return list(found)


def _left_out(file: Path, folder: Path, own: Sequence[Path]) -> bool:
    hidden = any(part.startswith(".") for part in file.relative_to(folder).parts)
    return hidden or any(file.resolve().is_relative_to(path) for path in own)


def merge(files: Sequence[Path], edition: Edition, password: str | None = None, history: Sequence[Funded] = (),
          allotments: Sequence[Allotment] = ()) -> Merged:
    """Read submissions side by side, each in a process of its own, and check them against each other.

    A file that cannot be read is a submission with its problem; the others go on. Raises ProblemsError when there is no file.
    """
    if not files:
        raise ProblemsError([Problem("file.missing", "", "没有要汇总的文件", "请给出报送件，或放着报送件的文件夹")])
    names = _names(files)
    merged, vocabulary = Merged(edition), Vocabulary(edition)
    with _uncollected():
        for path, source in zip(files, read_sources(files, password)):
            source.name = names[path]
            source.problems = [problem.at(replace(problem.where, file=source.name)) for problem in source.problems]
            listed = list_of(source, vocabulary)
            merged.submissions.append(Submission(path, source.name, source.kind, source.reader, listed))
    projects = merged.projects
    merged.problems += [*collisions(projects, edition), *funded_before(projects, history), *over_allotments(projects, allotments)]
    return merged


@contextmanager
def _uncollected() -> Iterator[None]:
    """What is read stays until the end and has no circles; to look for garbage among it would take a third of the time."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _names(files: Sequence[Path]) -> dict[Path, str]:
    """What each file is called: its name, with its folder where several have the same."""
    counts = Counter(path.name for path in files)
    return {path: path.name if counts[path.name] == 1 else f"{path.parent.name}/{path.name}" for path in files}
