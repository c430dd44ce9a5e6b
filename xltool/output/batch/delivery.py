"""Files of a run put in place together: made in a hidden folder beside them, moved when all are whole, the manifest last.

A run that fails leaves what stood there before. One that is killed or interrupted also leaves the hidden folder, with whole files
and a journal that tells them; `resume` goes on from there, to the same bytes. Files the last run made and this one does not make
disappear; nobody else's files are touched. Two runs at once into one folder are refused.
"""
from __future__ import annotations

import datetime as dt
import errno
import hashlib
import json
import os
import shutil
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import BinaryIO, TextIO

from ...rules.problems import Problem, ProblemsError

MANIFEST = "manifest.json"
PIECE = ""  # the kind of a file that other files are made of
_STAGING, _JOURNAL = ".xltool-未完成", "journal.jsonl"
_LOCKED = 2**30  # the byte of a journal that Windows locks, beyond what is ever read
_WRITTEN = (".xlsx", ".docx", ".pdf", ".html", ".zip")  # what a run writes, and so what the next may delete


class Delivery:
    """A folder that receives a run's files: a context manager, left without effect unless `finish` was called.

    `about` is what the bytes of the files depend on, but for the time `created`, which a resumed run takes over.
    """

    def __init__(self, out: Path, about: Mapping[str, object], resume: bool = False) -> None:
        self.out, self.staging = out, out / _STAGING
        self.about: dict = json.loads(json.dumps(about))
        self.created = now()
        self.kinds: dict[str, str] = {}  # relative path → what kind of file it is
        self.resumed = 0  # files an earlier run had made
        self._resume = resume
        self._hashes: dict[str, str] = {}
        self._folders: set[str] = set()
        self._known: dict[str, str] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Delivery:
        if self.staging.is_symlink():
            self.staging.unlink()
        self.staging.mkdir(parents=True, exist_ok=True)
        self._journal = open(self.staging / _JOURNAL, "a", encoding="utf-8")
        try:
            _claim(self._journal)
            self._put_in_place()
            if self._resume:
                self._take_over()
            if not self._known:
                self._begin_anew()
            self._note({"created": self.created.isoformat(), "about": self.about})
        except BaseException:
            self._journal.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._journal.close()
        if not can_resume(error):
            shutil.rmtree(self.staging, ignore_errors=True)

    def write(self, relative: str, kind: str, render: Callable[[], bytes]) -> None:
        """A file of the run; `render` is not asked when the run that is resumed had made it."""
        if self.has(relative, kind):
            return
        data = render()
        write_part(self.place(relative), data)
        self.own({relative: hashlib.sha256(data).hexdigest()}, kind)

    def stream(self, relative: str, kind: str, write: Callable[[BinaryIO], None]) -> None:
        """The same for a file that is written piece by piece."""
        if self.has(relative, kind):
            return
        path = self.place(relative)
        part = f"{path}.part"
        with open(part, "w+b") as file:
            write(file)
            file.seek(0)
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        os.replace(part, path)
        self.own({relative: sha256}, kind)

    def path(self, relative: str) -> Path:
        """Where a file of the run is for now."""
        return self.staging / relative

    def has(self, relative: str, kind: str) -> bool:
        """Whether the run that is resumed had made this file, and it is whole still; it then is a file of this run."""
        sha256 = self._known.get(relative)
        for folder in (self.staging, self.out) if sha256 else ():
            with suppress(FileNotFoundError), open(folder / relative, "rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() == sha256:
                    if folder == self.out:
                        shutil.copyfile(file.name, self.place(relative))
                    self.own({relative: sha256}, kind)
                    with self._lock:
                        self.resumed += 1
                    return True
        return False

    def finish(self, manifest: Mapping[str, object]) -> None:
        """Move everything into place and write the manifest, with what the run is about, the files and their hashes added.

        Raises, before anything is moved, OSError when a file that must be replaced is held open by another program, and ProblemsError
        when a folder is a link that leads out of the run's.
        """
        root = self.out.resolve()
        for folder in _by_folder(relative for relative, kind in self.kinds.items() if kind != PIECE):
            if not (self.out / folder).resolve().is_relative_to(root):
                raise ProblemsError([Problem("file.kind", str(self.out / folder), "是一个链接，通到结果文件夹外面",
                                             "请删去这个链接，或写到别的文件夹")])
        files = [{"path": relative, "kind": kind, "sha256": self._hashes[relative]} for relative, kind in sorted(self.kinds.items())
                 if kind != PIECE]
        wanted = {file["path"] for file in files}
        self._check_free([*wanted, *self._stale(wanted), MANIFEST])
        whole = {**self.about, "created": self.created.isoformat(), **manifest, "files": files}
        part = self.staging / f"{MANIFEST}.part"
        part.write_text(json.dumps(whole, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        os.replace(part, self.staging / MANIFEST)
        self._put_in_place()

    def _put_in_place(self) -> None:
        """Move a finished run's files where they belong; when a run was killed while it did so, the rest of them."""
        manifest = _read(self.staging / MANIFEST)
        if manifest is None:
            return
        wanted = {file["path"] for file in manifest["files"] if _plain(file["path"])}
        stale = self._stale(wanted)
        for folder, names in _by_folder(wanted).items():
            self._move(Path(folder), names)
        for relative in stale:
            (self.out / relative).unlink(missing_ok=True)
        for folder in sorted({(self.out / relative).parent for relative in stale}, reverse=True):
            self._remove_empty(folder)
        os.replace(self.staging / MANIFEST, self.out / MANIFEST)

    def _move(self, folder: Path, names: list[str]) -> None:
        """Move the files of a folder that are not where they belong yet: the folder itself, where there is none and it holds nothing else."""
        source, target = self.staging / folder, self.out / folder
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists() and source.is_dir() and {*os.listdir(source)} == {*names}:
            os.replace(source, target)
            return
        target.mkdir(exist_ok=True)
        for name in names:
            with suppress(FileNotFoundError):
                os.replace(source / name, target / name)

    def _take_over(self) -> None:
        """Take the time and the files of the run to resume: the unfinished one, or a finished one about the same."""
        lines = _lines(self.staging / _JOURNAL)
        if lines:
            earlier, files = lines[0], lines[1:]
            if differing := _differing(earlier.get("about", {}), self.about):
                raise ProblemsError([Problem("run.changed", "、".join(differing), "和上次没做完的不一样了，不能接着做",
                                             "去掉 --resume 重新做，或换回原来的文件和选项", )])
        else:
            earlier = _read(self.out / MANIFEST)
            if earlier is None or _differing({name: earlier.get(name) for name in self.about}, self.about):
                return
            files = earlier["files"]
        self.created = dt.datetime.fromisoformat(earlier["created"])
        self._known = {file["path"]: file["sha256"] for file in files if "path" in file}

    def _begin_anew(self) -> None:
        for left in self.staging.iterdir():
            if left.is_dir() and not left.is_symlink():
                shutil.rmtree(left, ignore_errors=True)
            elif left.name != _JOURNAL:
                left.unlink()
        self._journal.truncate(0)

    def place(self, relative: str) -> Path:
        """Where to write a file of the run; its folder is there."""
        folder = relative.rpartition("/")[0]
        if folder not in self._folders:
            (self.staging / folder).mkdir(parents=True, exist_ok=True)
            self._folders.add(folder)
        return self.staging / relative

    def own(self, files: Mapping[str, str], kind: str) -> None:
        """Take files that are whole, at their places, as the run's; each with its SHA-256. Any thread may call this."""
        with self._lock:
            self.kinds.update(dict.fromkeys(files, kind))
            self._hashes.update(files)
            self._note(*({"path": relative, "sha256": sha256} for relative, sha256 in files.items() if self._known.get(relative) != sha256))

    def _note(self, *entries: Mapping[str, object]) -> None:
        # The line before may have been cut off when the run that is resumed was killed.
        self._journal.write("".join(f"\n{json.dumps(entry, ensure_ascii=False)}\n" for entry in entries))
        self._journal.flush()

    def _stale(self, wanted: set[str]) -> set[str]:
        """The files the last run's manifest lists and this run does not have; only plain paths inside the folder count."""
        listed = (_read(self.out / MANIFEST) or {"files": []})["files"]
        return {path for path in (file["path"] for file in listed) if path not in wanted and self._inside(path)}

    def _inside(self, path: str) -> bool:
        """Whether a path from a manifest is one a run may have written, and no link leads elsewhere."""
        return _plain(path) and (self.out / path).resolve().is_relative_to(self.out.resolve())

    def _check_free(self, paths: Iterable[str]) -> None:
        for folder, names in _by_folder(paths).items():
            place = self.out / folder
            for name in names if place.exists() else ():
                with suppress(FileNotFoundError), open(place / name, "r+b"):
                    pass

    def _remove_empty(self, folder: Path) -> None:
        while folder != self.out and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
            folder = folder.parent


def _claim(journal: TextIO) -> None:
    """Take a journal for this run alone; raises BlockingIOError while another run has it. A run that was killed has it no more."""
    if os.name == "nt":
        import msvcrt

        def lock() -> None:
            os.lseek(journal.fileno(), _LOCKED, os.SEEK_SET)  # what is appended goes to the end all the same
            msvcrt.locking(journal.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        def lock() -> None:
            fcntl.flock(journal, fcntl.LOCK_EX | fcntl.LOCK_NB)
    try:
        lock()
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EAGAIN, errno.EDEADLK):  # others: some network folders know no locks
            folder = str(Path(journal.name).parent.parent)
            raise BlockingIOError(errno.EBUSY, "另一次运行正在写这个文件夹；请等它做完，或写到别的文件夹", folder) from error


def write_part(path: Path, data: bytes) -> None:
    """Write a file that has its name once it is whole."""
    part = f"{path}.{os.getpid()}.part"
    try:
        with open(part, "wb") as file:
            file.write(data)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
    os.replace(part, path)


def now() -> dt.datetime:
    """The time of a run; SOURCE_DATE_EPOCH stands for it where two runs are to give the same bytes."""
    fixed = os.environ.get("SOURCE_DATE_EPOCH")
    when = dt.datetime.fromtimestamp(int(fixed), dt.timezone.utc) if fixed else dt.datetime.now()
    return when.astimezone().replace(microsecond=0)


def can_resume(error: BaseException | None) -> bool:
    """Whether a run that ended this way can be gone on with: it was interrupted, or a file or the disk did not let it."""
    return isinstance(error, (OSError, KeyboardInterrupt)) and not isinstance(error, BlockingIOError)


def unfinished_files(out: Path) -> int:
    """How many files an unfinished run has left to be gone on with."""
    return sum("path" in line for line in _lines(out / _STAGING / _JOURNAL))


def _by_folder(paths: Iterable[str]) -> dict[str, list[str]]:
    """The names of some files, by the folder they are in."""
    folders: dict[str, list[str]] = {}
    for path in paths:
        folder, _, name = path.rpartition("/")
        folders.setdefault(folder, []).append(name)
    return folders


def _plain(path: str) -> bool:
    """Whether a path from a manifest looks like one a run writes: below its folder, of a kind it makes."""
    place = PurePosixPath(path)
    return not place.is_absolute() and ".." not in place.parts and place.suffix in _WRITTEN and "\\" not in path and ":" not in path


def _read(path: Path) -> dict | None:
    """A manifest, None where there is none."""
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        files = [{"path": str(file["path"]), "sha256": str(file.get("sha256"))} for file in manifest["files"]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return {**manifest, "files": files}


def _lines(path: Path) -> list[dict]:
    """A journal's whole lines."""
    found = []
    with suppress(FileNotFoundError), open(path, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            with suppress(ValueError):
                found.append(json.loads(line))
    return found


def _differing(earlier: Mapping[str, object], about: Mapping[str, object]) -> list[str]:
    """What two runs differ in, as people call it."""
    return [_CALLED.get(name, name) for name in {**about, **earlier} if earlier.get(name) != about.get(name)]


_CALLED = {"xltool": "xltool 的版本", "python": "Python 的版本", "edition": "指南版本", "guideline": "指南工作簿", "inputs": "清单",
           "templates": "模板", "city": "设区市", "forms": "绩效表形式", "letters": "--letters", "pdf": "--pdf", "html": "--html",
           "conditions": "条件（--common）", "libreoffice": "LibreOffice 的版本"}
