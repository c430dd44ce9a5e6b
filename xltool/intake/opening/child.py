"""What a child process of `isolation` does: read files as asked through its pipes, within its limits, until the pipes close."""
from __future__ import annotations

import contextlib
import gc
import os
import pickle
import signal
import sys

from ..grid import Source
from ..pipes import read_frame, write_frame
from ..stamp import read_stamp
from ..tables import with_tables
from .refusal import over_limit
from .source import located, read_source

_COLLECT_EVERY = 20


def serve(memory: int) -> None:
    """Read files until the pipes close."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource
        resource.setrlimit(resource.RLIMIT_AS, (memory, resource.getrlimit(resource.RLIMIT_AS)[1]))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    given, made = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a reader prints must not get between the answers
    gc.disable()  # cells form no cycles, and looking for some takes a quarter of the time
    count = 0
    while True:
        count += 1
        if count % _COLLECT_EVERY == 0:
            gc.collect()
        try:
            path, password, native, seconds, known = pickle.loads(read_frame(given))
        except EOFError:
            return
        if hasattr(signal, "alarm"):
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(int(seconds) + 5)  # ends this process even where the parent is gone
        source = read_source(path, password, native, seconds)
        try:
            if not read_stamp(source.grids):  # of a stamped one it is known where they are
                source = with_tables(source, known)
            answer = pickle.dumps(source, protocol=5)
        except MemoryError:
            problem = located(over_limit("内存不够", "文件要的内存超过了限制"), source.name)
            answer = pickle.dumps(Source(source.name, source.sha256, problems=[problem]))
        write_frame(made, answer)
        del source, answer
