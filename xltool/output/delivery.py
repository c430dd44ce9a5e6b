"""Files of a run put in place together: staged first, moved when all are whole, the manifest last.

A run that fails or is killed leaves what stood there before; the next run clears what it left behind. Files the last run made and
this one does not make disappear; nobody else's files are touched.
"""
from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from types import TracebackType

MANIFEST = "manifest.json"
_STAGING = ".xltool-"


class Delivery:
    """A folder that receives a run's files: a context manager, left without effect unless `finish` was called."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.kinds: dict[str, str] = {}  # relative path → what kind of file it is

    def __enter__(self) -> Delivery:
        self.out.mkdir(parents=True, exist_ok=True)
        for left_behind in self.out.glob(f"{_STAGING}*"):
            shutil.rmtree(left_behind, ignore_errors=True)
        self.staging = Path(tempfile.mkdtemp(prefix=_STAGING, dir=self.out))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        shutil.rmtree(self.staging, ignore_errors=True)

    def path(self, relative: str, kind: str) -> Path:
        """Where to write a file of the run for now."""
        path = self.staging / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        self.kinds[relative] = kind
        return path

    def write(self, relative: str, kind: str, data: bytes) -> None:
        self.path(relative, kind).write_bytes(data)

    def finish(self, manifest: dict[str, object]) -> None:
        """Move everything into place and write the manifest, with the files and their hashes added.

        Raises OSError before anything is moved when a file that must be replaced is held open by another program.
        """
        files = [{"path": relative, "kind": kind, "sha256": hashlib.sha256((self.staging / relative).read_bytes()).hexdigest()}
                 for relative, kind in sorted(self.kinds.items())]
        text = json.dumps({**manifest, "files": files}, ensure_ascii=False, indent=1) + "\n"
        (self.staging / MANIFEST).write_text(text, encoding="utf-8")
        stale = self._earlier() - set(self.kinds)
        for relative in [*self.kinds, *stale, MANIFEST]:
            self._check_free(self.out / relative)
        for relative in self.kinds:
            (self.out / relative).parent.mkdir(parents=True, exist_ok=True)
            os.replace(self.staging / relative, self.out / relative)
        for relative in stale:
            (self.out / relative).unlink(missing_ok=True)
        for folder in sorted({(self.out / relative).parent for relative in stale}, reverse=True):
            self._remove_empty(folder)
        os.replace(self.staging / MANIFEST, self.out / MANIFEST)

    def _earlier(self) -> set[str]:
        """The files the last run's manifest lists; only plain paths inside the folder count."""
        try:
            listed = json.loads((self.out / MANIFEST).read_text(encoding="utf-8"))["files"]
            paths = [str(item["path"]) for item in listed]
        except (OSError, ValueError, KeyError, TypeError):
            return set()
        root = self.out.resolve()
        return {path for path in paths if (root / path).resolve().is_relative_to(root) and Path(path).suffix in (".xlsx", ".html", ".zip")}

    @staticmethod
    def _check_free(path: Path) -> None:
        with suppress(FileNotFoundError), open(path, "r+b"):
            pass

    def _remove_empty(self, folder: Path) -> None:
        while folder != self.out and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
            folder = folder.parent
