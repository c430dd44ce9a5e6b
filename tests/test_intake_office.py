"""LibreOffice is found, or what is missing is said; a file that stops it takes no other with it; nothing of it is left behind."""
from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from fake_soffice import TEXT, fake_soffice, runs

from xltool.intake import office
from xltool.intake.office import Office, require
from xltool.rules.problems import Problem, ProblemsError

posix = pytest.mark.skipif(os.name != "posix", reason="the fake soffice is a script")


def convert(folder: Path, *contents: str, seconds: float = 20, answer: str = TEXT) -> list[str]:
    """What becomes of files with these contents: the contents, or what the problem says."""
    with Office(fake_soffice(folder, answer)) as worker:
        results = worker.convert([(f"{number}.docx", text.encode()) for number, text in enumerate(contents, 1)], "pdf", seconds)
    return [f"{each.found} {each.expected}" if isinstance(each, Problem) else each.decode().split()[1] for each in results]


def missing(*suffixes: str) -> Problem:
    with pytest.raises(ProblemsError) as caught:
        require(*suffixes)
    (problem,) = caught.value.problems
    assert problem.code == "office.missing"
    return problem


# --- where it is ---

def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv(office.SETTING, raising=False)
    monkeypatch.setattr(office, "_places", lambda: iter(()))


def test_without_libreoffice_it_is_said_how_to_install_it(monkeypatch):
    nowhere(monkeypatch)
    assert office.program() is None
    problem = missing(".xlsx")
    assert "没有 LibreOffice" in problem.found and all(name in problem.fix for name in ("Windows", "macOS", "libreoffice-writer", office.SETTING))


@posix
def test_a_setting_that_names_no_program_is_not_passed_over(monkeypatch, tmp_path):
    monkeypatch.setenv(office.SETTING, str(tmp_path / "soffice"))
    assert str(tmp_path / "soffice") in missing().found
    (tmp_path / "soffice").touch(0o644)
    assert office.program() is None, "a file that cannot be run"


@posix
def test_the_setting_comes_before_the_path(monkeypatch, tmp_path):
    (tmp_path / "other").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "other"))
    on_path, named = fake_soffice(tmp_path / "other"), fake_soffice(tmp_path)
    assert require() == on_path
    monkeypatch.setenv(office.SETTING, str(named))
    assert require() == named


def test_the_usual_place_on_windows_is_looked_into(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv(office.SETTING, raising=False)
    monkeypatch.setenv("ProgramFiles", str(tmp_path))
    program = tmp_path / "LibreOffice" / "program" / "soffice.com"
    program.parent.mkdir(parents=True)
    program.touch()
    assert office.program() == program


def test_a_libreoffice_without_writer_is_told_from_a_whole_one(monkeypatch, tmp_path):
    program, registry = tmp_path / "program" / "soffice", tmp_path / "share" / "registry"
    for folder in (program.parent, registry):
        folder.mkdir(parents=True)
    for path in (program, registry / "main.xcd", registry / "calc.xcd"):
        path.touch(0o755)
    monkeypatch.setenv(office.SETTING, str(program))
    assert require(".xlsx") == program
    problem = missing(".xlsx", ".docx")
    assert "Writer" in problem.found and "Calc" not in problem.found and "apt install libreoffice-writer；" in problem.fix


# --- files that stop it ---

@posix
def test_all_files_go_into_one_run(tmp_path):
    assert convert(tmp_path, "a", "b", "c") == ["a", "b", "c"]
    assert len(runs(tmp_path)) == 1


@posix
def test_no_files_need_no_run(tmp_path):
    assert convert(tmp_path) == [] and runs(tmp_path) == []


@posix
@pytest.mark.parametrize("fault", ["crash", "lose", "half"])
def test_a_file_that_is_lost_or_stops_the_run_takes_no_other_with_it(tmp_path, fault):
    results = convert(tmp_path, "a", fault, "b", "c", fault)
    assert results[0::2][:2] == ["a", "b"] and results[3] == "c"
    assert (results[1], results[4]) == ("2.docx LibreOffice 没有转成", "5.docx LibreOffice 没有转成")


@posix
def test_a_file_that_hangs_is_stopped_with_all_its_processes(tmp_path):
    results = convert(tmp_path, "a", "hang", "b", seconds=1)
    assert results[0] == "a" and results[2] == "b" and "1 秒还没有转完" in results[1]
    assert not [pid for run in runs(tmp_path) for pid in run["pids"] if alive(pid)]


@posix
def test_a_libreoffice_that_makes_nothing_is_not_tried_with_every_file(tmp_path):
    results = convert(tmp_path, *"abcdefghij", answer="sys.exit(0)")
    assert len(runs(tmp_path)) == 5 and all("没有转成" in result for result in results)


@posix
def test_bad_files_at_the_start_are_not_taken_for_a_libreoffice_that_makes_nothing(tmp_path):
    assert convert(tmp_path, "crash", "crash", "crash", "a")[3] == "a"


# --- nothing of it is left, nothing of ours goes in ---

def alive(pid: int) -> bool:
    """Whether a process still does something: an ended one may wait for its parent to look."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@posix
def test_a_run_has_a_profile_of_its_own_and_no_python_of_ours(tmp_path, monkeypatch):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python3").touch()
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}/usr/bin{os.pathsep}/bin")
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    convert(tmp_path, "a")
    convert(tmp_path, "b")
    noted = runs(tmp_path)
    assert len({next(each for each in run["arguments"] if each.startswith("-env:UserInstallation=")) for run in noted}) == 2
    for run in noted:
        assert not {"VIRTUAL_ENV", "PYTHONPATH"} & run["environment"].keys() and run["environment"]["PATH"] == f"/usr/bin{os.pathsep}/bin"


@posix
def test_the_temporary_folder_goes_with_the_worker(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    convert(tmp_path, "a", "crash")
    assert list((tmp_path / "temporary").iterdir()) == []


@posix
def test_what_a_killed_program_left_is_cleared_a_day_later(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for name, age in (("old", 90_000), ("new", 0)):
        (tmp_path / f"xltool-office-{name}" / "profile").mkdir(parents=True)
        os.utime(tmp_path / f"xltool-office-{name}", (time.time() - age,) * 2)
    convert(tmp_path, "a")
    assert [path.name for path in tmp_path.glob("xltool-office-*")] == ["xltool-office-new"]


@posix
def test_another_thread_can_stop_it_for_good(tmp_path):
    with Office(fake_soffice(tmp_path)) as worker:
        timer = threading.Timer(1, worker.stop)
        timer.start()
        with pytest.raises(InterruptedError):
            worker.convert([("1.docx", b"hang"), ("2.docx", b"a")], "pdf")
        timer.join()


@posix
def test_an_interrupted_program_leaves_no_process_and_no_folder(tmp_path):
    program = fake_soffice(tmp_path)
    (tmp_path / "temporary").mkdir()
    code = ("import datetime as dt, sys\nfrom pathlib import Path\nfrom xltool.output.pdf import Converter\n"
            "with Converter(dt.datetime(2026, 3, 1), jobs=2) as converter:\n"
            "    list(converter.files((f'{n}.docx', Path(sys.argv[1]).read_bytes()) for n in range(200)))\n")
    with zipfile.ZipFile(tmp_path / "given", "w") as archive:
        archive.writestr("[Content_Types].xml", "hang")
    environment = {**os.environ, office.SETTING: str(program), "TMPDIR": str(tmp_path / "temporary")}
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "given")], env=environment, stderr=subprocess.PIPE, text=True) as process:
        ends = time.monotonic() + 30
        while time.monotonic() < ends and sum(len(each["pids"]) for each in runs_that_can_be_read(tmp_path)) < 4:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
    assert "KeyboardInterrupt" in said
    noted = [pid for run in runs(tmp_path) for pid in run["pids"]]
    assert len(noted) == 4 and not [pid for pid in noted if alive(pid)]
    assert list((tmp_path / "temporary").iterdir()) == []


def runs_that_can_be_read(folder: Path) -> list[dict]:
    try:
        return runs(folder)
    except ValueError:  # half written
        return []


def test_the_network_is_out_of_its_reach(soffice, tmp_path):
    asked = []

    class Server(BaseHTTPRequestHandler):
        def handle_one_request(self) -> None:
            asked.append(self.client_address)
            self.close_connection = True
    with HTTPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with Office(require()) as worker:
            (result,) = worker.convert([("页.html", b"<p>1</p>")], "pdf", options=[f"http://127.0.0.1:{server.server_port}/a.docx"])
        server.shutdown()
    assert isinstance(result, bytes) and asked == []
