"""A run that is killed leaves whole files and a journal; --resume goes on to the same bytes as an undisturbed run."""
from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from test_output_batch import GOOD, MODEL, files, write_list

from xltool.output.batch import run as batch_module
from xltool.output.batch.delivery import MANIFEST, Delivery
from xltool.output.batch.run import FILES, ZIP, Order, run_batch
from xltool.rules.problems import ProblemsError

STAGING = ".xltool-未完成"
EPOCH = "1790000000"
KILLS = 25


@pytest.fixture
def project_list(tmp_path) -> Path:
    rows = [[*GOOD[:3], f"项目{number}", f"示例{number}公司", *GOOD[5:]] for number in range(40)]
    return write_list(tmp_path / "清单.xlsx", *rows, MODEL)


def contents(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in files(folder)}


def command(project_list: Path, out: Path, *options: str) -> list[str]:
    return [sys.executable, "-c", "from xltool.cli import main; main()", "batch", str(project_list), "--edition", "2026", "--out", str(out),
            "--html", *options]


ENVIRONMENT = {**os.environ, "SOURCE_DATE_EPOCH": EPOCH}


def assert_whole(folder: Path) -> None:
    """Every file with a name of its own opens; what is still being written is called .part."""
    for name in files(folder):
        path = folder / name
        if path.suffix in (".xlsx", ".zip"):
            with zipfile.ZipFile(path) as archive:
                assert archive.testzip() is None, name
        elif path.suffix == ".json":
            json.loads(path.read_text(encoding="utf-8"))
        elif path.suffix == ".html":
            assert path.read_text(encoding="utf-8").rstrip().endswith("</html>")
        else:
            assert name.startswith(f"{STAGING}/") and path.suffix in (".part", ".jsonl"), name


@pytest.mark.parametrize("options", [(), ("--zip",)], ids=["files", "zip"])
def test_a_run_killed_at_any_moment_is_completed_to_the_same_bytes(tmp_path, project_list, options):
    undisturbed = tmp_path / "没有中断"
    started = time.monotonic()
    subprocess.run(command(project_list, undisturbed, *options), env=ENVIRONMENT, check=True, capture_output=True)
    whole, wanted = time.monotonic() - started, contents(undisturbed)
    chance, unfinished = random.Random(6), 0
    for number in range(KILLS):
        out = tmp_path / f"中断{number}"
        with subprocess.Popen(command(project_list, out, *options), env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              start_new_session=True) as process:
            time.sleep(whole * chance.uniform(0.2, 1.0))
            os.killpg(process.pid, signal.SIGKILL)
        assert_whole(out)
        unfinished += (out / STAGING / "journal.jsonl").exists()
        done = subprocess.run(command(project_list, out, *options, "--resume"), env=ENVIRONMENT, capture_output=True, text=True, encoding="utf-8")
        assert done.returncode == 0, done.stderr
        assert contents(out) == wanted
    assert unfinished, "some kill hits a run at work"


@pytest.mark.parametrize("order", [Order(forms=FILES), Order(forms=ZIP)], ids=["files", "zip"])
def test_a_run_stopped_at_each_of_its_files_is_completed_to_the_same_bytes(tmp_path, edition_2026, order, monkeypatch):
    """Every write and every move of a small run is the last one once."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    source = write_list(tmp_path / "清单.xlsx", GOOD, MODEL)
    run_batch(source, edition_2026, tmp_path / "没有中断", order)
    wanted = contents(tmp_path / "没有中断")
    replace, stops = os.replace, 0
    while True:
        left = stops

        def stopping(*arguments, left=[left]):  # noqa: B006 (the counter of this round)
            if left[0] == 0:
                raise KeyboardInterrupt
            left[0] -= 1
            return replace(*arguments)
        out = tmp_path / f"停{stops}"
        with monkeypatch.context() as patch:
            patch.setattr(os, "replace", stopping)
            try:
                run_batch(source, edition_2026, out, order)
                break
            except KeyboardInterrupt:
                pass
        resumed = run_batch(source, edition_2026, out, Order(**{**order.__dict__, "resume": True}))
        assert contents(out) == wanted
        assert resumed.resumed > 0 or stops == 0
        stops += 1
    assert stops > 10


def interrupted(source: Path, edition, out: Path, monkeypatch) -> None:
    def stop(*_arguments):
        raise KeyboardInterrupt
    with monkeypatch.context() as patch:
        patch.setattr(batch_module, "render_report", stop)
        with pytest.raises(KeyboardInterrupt):
            run_batch(source, edition, out)


def test_an_interrupted_run_leaves_what_stood_there(tmp_path, project_list, edition_2026, monkeypatch):
    out = tmp_path / "结果"
    run_batch(write_list(tmp_path / "旧.xlsx", GOOD), edition_2026, out)
    before = contents(out)
    interrupted(project_list, edition_2026, out, monkeypatch)
    assert {name: data for name, data in contents(out).items() if not name.startswith(STAGING)} == before


def test_what_was_written_is_not_written_again_and_the_time_is_that_of_the_first_run(tmp_path, project_list, edition_2026, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    interrupted(project_list, edition_2026, tmp_path / "结果", monkeypatch)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(EPOCH) + 100_000))
    made = run_batch(project_list, edition_2026, tmp_path / "结果", Order(resume=True))
    assert made.resumed == 43
    manifest = json.loads((made.out / MANIFEST).read_text(encoding="utf-8"))
    assert manifest["created"].startswith("2026-09-21")
    assert dict(made.report.run)["运行时间"] == manifest["created"]


def test_a_file_damaged_in_between_is_written_again(tmp_path, project_list, edition_2026, monkeypatch):
    interrupted(project_list, edition_2026, tmp_path / "结果", monkeypatch)
    damaged = next((tmp_path / "结果" / STAGING / "绩效目标申报表").rglob("*.xlsx"))
    damaged.write_bytes(b"")
    made = run_batch(project_list, edition_2026, tmp_path / "结果", Order(resume=True))
    assert made.resumed == 42
    assert_whole(made.out)


def test_a_changed_list_or_option_is_said_instead_of_mixed(tmp_path, project_list, edition_2026, monkeypatch):
    out = tmp_path / "结果"
    interrupted(project_list, edition_2026, out, monkeypatch)
    with pytest.raises(ProblemsError, match=r"设区市.*去掉 --resume"):
        run_batch(project_list, edition_2026, out, Order("盐城市", resume=True))
    other = write_list(tmp_path / "另一份.xlsx", GOOD)
    with pytest.raises(ProblemsError, match=r"清单.*不一样"):
        run_batch(other, edition_2026, out, Order(resume=True))
    assert (out / STAGING).is_dir(), "what was done is still there"
    run_batch(other, edition_2026, out)
    assert not (out / STAGING).exists(), "without --resume it begins anew"


def test_resume_with_nothing_to_go_on_with_is_an_ordinary_run(tmp_path, project_list, edition_2026):
    made = run_batch(project_list, edition_2026, tmp_path / "结果", Order(resume=True))
    assert made.resumed == 0 and MANIFEST in files(made.out)


def test_a_finished_run_resumed_is_the_same_run(tmp_path, project_list, edition_2026, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    run_batch(project_list, edition_2026, tmp_path / "结果")
    before = contents(tmp_path / "结果")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(EPOCH) + 100_000))
    run_batch(project_list, edition_2026, tmp_path / "结果", Order(resume=True))
    assert contents(tmp_path / "结果") == before


def test_the_command_says_that_it_can_go_on(tmp_path, project_list, edition_2026, monkeypatch):
    out = tmp_path / "结果"
    run_batch(project_list, edition_2026, out)

    def held(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))
    from click.testing import CliRunner

    from xltool.cli import main
    monkeypatch.setattr(Delivery, "_check_free", staticmethod(held))
    said = CliRunner().invoke(main, ["batch", str(project_list), "--edition", "2026", "--out", str(out)])
    assert said.exit_code == 1 and "--resume" in said.output and "已经写好 44 个文件" in said.output
    monkeypatch.undo()
    said = CliRunner().invoke(main, ["batch", str(project_list), "--edition", "2026", "--out", str(out), "--resume"])
    assert said.exit_code == 0 and "接着上次做：44 个文件" in said.output


@pytest.mark.parametrize("path", ["../外面.xlsx", "我的笔记.txt"])
def test_a_forged_unfinished_run_touches_nothing_else(tmp_path, edition_2026, path):
    out = tmp_path / "结果"
    (out / STAGING).mkdir(parents=True)
    (out / "我的笔记.txt").write_text("留着", encoding="utf-8")
    (tmp_path / "外面.xlsx").write_text("留着", encoding="utf-8")
    forged = {"files": [{"path": path, "sha256": ""}]}
    (out / STAGING / MANIFEST).write_text(json.dumps(forged), encoding="utf-8")
    (out / STAGING / "我的笔记.txt").write_text("假的", encoding="utf-8")
    (out / "外面.xlsx").write_text("假的", encoding="utf-8")
    run_batch(write_list(tmp_path / "清单.xlsx", GOOD), edition_2026, out)
    assert (out / "我的笔记.txt").read_text(encoding="utf-8") == (tmp_path / "外面.xlsx").read_text(encoding="utf-8") == "留着"


@pytest.mark.parametrize("resume", [False, True])
def test_two_runs_at_once_into_one_folder_are_refused_and_the_first_goes_on(tmp_path, project_list, edition_2026, resume):
    out, other = tmp_path / "结果", write_list(tmp_path / "另一份.xlsx", GOOD)
    refused = []

    def second_starts(step: str, done: int, total: int) -> None:
        if (step, done) == ("填表", 20):
            with pytest.raises(BlockingIOError, match="另一次运行正在写这个文件夹") as error:
                run_batch(other, edition_2026, out, Order(resume=resume))
            refused.append(error.value.filename)
    made = run_batch(project_list, edition_2026, out, Order(), second_starts)
    assert refused == [str(out)] and len(made.report.checked) == 41
    assert_whole(out)
    assert not (out / STAGING).exists()


def test_the_command_says_that_another_run_is_at_work(tmp_path, project_list, edition_2026):
    from click.testing import CliRunner

    from xltool.cli import main
    said = []

    def second_starts(step: str, done: int, total: int) -> None:
        if (step, done) == ("填表", 20):
            said.append(CliRunner().invoke(main, ["batch", str(project_list), "--edition", "2026", "--out", str(tmp_path / "结果")]))
    run_batch(project_list, edition_2026, tmp_path / "结果", Order(), second_starts)
    assert said[0].exit_code == 1 and "请等它做完" in said[0].output and "--resume" not in said[0].output


def test_a_hidden_folder_that_leads_elsewhere_is_not_emptied(tmp_path, project_list, edition_2026):
    elsewhere = tmp_path / "别处"
    elsewhere.mkdir()
    (elsewhere / "留着.xlsx").write_text("留着", encoding="utf-8")
    (tmp_path / "结果").mkdir()
    (tmp_path / "结果" / STAGING).symlink_to(elsewhere)
    run_batch(project_list, edition_2026, tmp_path / "结果")
    assert [path.name for path in elsewhere.iterdir()] == ["留着.xlsx"]


def test_a_link_in_the_folder_that_leads_elsewhere_is_refused(tmp_path, edition_2026):
    elsewhere, out = tmp_path / "别处", tmp_path / "结果"
    elsewhere.mkdir()
    out.mkdir()
    (out / "汇总表").symlink_to(elsewhere, target_is_directory=True)
    with pytest.raises(ProblemsError, match="通到结果文件夹外面"):
        run_batch(write_list(tmp_path / "清单.xlsx", GOOD), edition_2026, out)
    assert not files(elsewhere) and not files(out)
