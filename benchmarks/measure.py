"""Medians of interleaved rounds, and the rows they become.

Two shared cores drift several-fold between runs, so no absolute time is worth quoting: in each round every
contender runs once, in turn, with the garbage collected before it, and the medians of the same rounds are divided.
`ratio` is always peer ÷ xltool: 2.0 means that the peer takes twice as long.
"""

from __future__ import annotations

import atexit
import gc
import os
import platform
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

OURS = "xltool"
DISK = Path(tempfile.gettempdir())
MEMORY = Path("/dev/shm")


@dataclass(frozen=True)
class Job:
    """What is timed; `per` divides the time (files, rows …), `scale` multiplies it (a sample taken for the whole)."""

    run: Callable[[], object]
    per: float = 1
    scale: float = 1


@dataclass(frozen=True)
class Row:
    """One line of the report. `reach` is the ratio to reach, or for a lone time (no peer) the seconds to stay below."""

    group: str
    what: str
    peer: str
    ours: float
    theirs: float | None = None
    reach: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        return None if self.theirs is None else self.theirs / self.ours

    @property
    def met(self) -> bool | None:
        if self.reach is None:
            return None
        return self.ours < self.reach if self.ratio is None else self.ratio >= self.reach


def new_folder() -> Path:
    """A folder on the disk, there until all is measured: for minutes after files are deleted, ext4 makes new ones slowly."""
    return _folder_in(DISK)


def scratch_in_memory() -> None:
    """From here on what contenders write and delete again, by the thousand, leaves the disk as it is."""
    if MEMORY.is_dir():
        os.environ["TMPDIR"] = tempfile.tempdir = str(_folder_in(MEMORY))


def _folder_in(parent: Path) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="xltool-bench-", dir=parent))
    atexit.register(shutil.rmtree, folder)
    return folder


def medians(jobs: Mapping[str, Job], rounds: int, warm_up: bool = True) -> dict[str, float]:
    """The median seconds (per piece) of each job over interleaved rounds; the first, unmeasured round warms up."""
    times: dict[str, list[float]] = {name: [] for name in jobs}
    names = list(jobs)
    for number in range(-warm_up, rounds):
        order = names if number % 2 == 0 else names[::-1]
        for name in order:
            seconds = _seconds(jobs[name])
            if number >= 0:
                times[name].append(seconds)
    return {name: statistics.median(found) for name, found in times.items()}


def _seconds(job: Job) -> float:
    gc.collect()
    begin = time.perf_counter()
    result = job.run()
    seconds = time.perf_counter() - begin
    del result
    return seconds / job.per * job.scale


def against(
    group: str,
    what: str,
    found: Mapping[str, float],
    reaches: Mapping[str, float] | None = None,
    notes: Mapping[str, str] | None = None,
) -> list[Row]:
    """A row per peer; `found` holds the medians, the one named `xltool` is ours."""
    reaches, notes = reaches or {}, notes or {}
    return [
        Row(group, what, peer, found[OURS], seconds, reaches.get(peer), notes.get(peer, ""))
        for peer, seconds in found.items()
        if peer != OURS
    ]


def a_file_each(
    group: str,
    fillers: Mapping[str, Callable[[object], bytes]],
    contexts: Sequence[object],
    rounds: int,
    reaches: Mapping[str, float],
    notes: Mapping[str, str] | None = None,
) -> list[Row]:
    """Two rows per peer, a context per file: with the files written to the disk, and only made."""
    count, folder = len(contexts), new_folder()
    written = {name: Job(partial(_write_each, fill, contexts, folder), per=count) for name, fill in fillers.items()}
    made = {name: Job(partial(_make_each, fill, contexts), per=count) for name, fill in fillers.items()}
    return [
        *against(group, f"{count} 份，每份", medians(written, rounds), reaches, notes),
        *against(group, f"{count} 份，每份，不写磁盘", medians(made, rounds), reaches),
    ]


def _write_each(fill: Callable[[object], bytes], contexts: Sequence[object], folder: Path) -> None:
    target = Path(tempfile.mkdtemp(dir=folder))
    for number, context in enumerate(contexts):
        (target / f"{number:05d}").write_bytes(fill(context))


def _make_each(fill: Callable[[object], bytes], contexts: Sequence[object]) -> None:
    for context in contexts:
        fill(context)


def duration(seconds: float) -> str:
    """Seconds as people read them."""
    for size, unit in ((1.0, "s"), (1e-3, "ms")):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-6:.3g} µs"


def machine() -> str:
    """The processor and the system, as far as they can be known."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    name = models[0] if models else platform.processor() or platform.machine()
    return f"{name}，{max(len(models), 1)} 核，{platform.system()} {platform.release()}"


def versions(packages: tuple[str, ...]) -> dict[str, str]:
    """Installed versions; a package that is not there is left out."""
    found = {}
    for name in packages:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
