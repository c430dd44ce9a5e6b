"""`xltool serve` as it runs: over HTTPS, and the functions, buttons and dialogs of its pages in headless Chromium with a stand-in for Office.

Excel itself was never run here. What it does with the manifest and the pages is Office's own office.js, which office_stub.js stands in for.
"""
from __future__ import annotations

import http.client
import json
import os
import re
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import contract_table
import httpx
import office_calls
import pytest
from test_hosts_server import certificate, faults

from xltool.hosts.definition import FUNCTIONS
from xltool.hosts.ribbon import ACTIONS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

STUB = Path(__file__).with_name("office_stub.js").read_text(encoding="utf-8")
CASES = contract_table.cases("officejs", office_calls.error)
LIST = [["申报项目类别", "申报项目名称", "申报单位", "研发设备及配套软件购置额（万元）"],
        ["2026P1-1", "研发中心设备更新", "盐城甲机械有限公司", 1500], ["2026P1-1", "检测平台", "盐城乙电子有限公司", 900]]


@dataclass(frozen=True)
class Served:
    """A running server: its address, a client that trusts its certificate, what it said at the start, the faults tests provoke."""

    base: str
    client: httpx.Client
    port: int
    trust: ssl.SSLContext
    said: list[str]
    provoked: list[str]


@pytest.fixture(scope="module")
def served(tmp_path_factory) -> Iterator[Served]:
    cert, key = certificate(tmp_path_factory.mktemp("证书"), "localhost", "127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    arguments = ["serve", "--port", str(port), "--cert", str(cert), "--key", str(key)]
    settings = {"XLWINGS_LICENSE_KEY": "noncommercial", "XLTOOL_GUIDELINE": "", "XLWINGS_HOSTNAME": "", "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen([sys.executable, "-c", "from xltool.cli import main; main()", *arguments], text=True, encoding="utf-8",
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={**os.environ, **settings}) as process:
        said = []
        while "按 Ctrl+C 停止" not in "".join(said[-1:]):
            said.append(process.stdout.readline())
            assert said[-1], "".join(said)
        trust = ssl.create_default_context(cafile=cert)
        base = f"https://localhost:{port}"
        with httpx.Client(base_url=base, verify=trust, trust_env=False) as client:
            deadline = time.monotonic() + 20
            while True:
                try:
                    client.get("/").raise_for_status()
                    break
                except httpx.TransportError:
                    assert time.monotonic() < deadline
                    time.sleep(0.05)
            running = Served(base, client, port, trust, said, [])
            yield running
        process.terminate()
        try:
            rest = process.communicate(timeout=20)[0]
        finally:
            process.kill()
        assert re.findall(r"(?m)^\w+(?=: )", rest.replace("ERROR: ", "")) == running.provoked, rest


# --- over HTTPS -----------------------------------------------------------------------------------------------------------

def call(served: Served, function: str, args: list[object], runtime: str = "1.4") -> httpx.Response:
    return served.client.post("/xlwings/custom-functions-call", json=office_calls.request(function, args, runtime))


def test_the_command_says_where_things_are(served):
    told = "".join(served.said)
    assert f"服务地址：{served.base}" in told and f"{served.base}/manifest.xml" in told and "2026、" in told and "没有证书" not in told


@pytest.mark.parametrize("case", CASES[::15], ids=lambda case: case.id)
def test_part_of_the_contract_table_holds_over_https(served, case):
    answer = call(served, case.function, [office_calls.sent(own) for own in case.args])
    assert answer.status_code == 200
    assert contract_table.agrees(office_calls.shown(answer.json()["result"]), case), answer.json()


def test_excel_is_told_the_seven_functions_with_their_chinese_hints(served):
    answer = served.client.get("/xlwings/custom-functions-meta.json", headers={"Origin": "https://excel.officeapps.live.com"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"  # Excel on the web reads it from Microsoft's site
    told = {each["name"]: each for each in answer.json()["functions"]}
    assert set(told) == {each.name for each in FUNCTIONS}
    for each in FUNCTIONS:
        assert told[each.name]["description"] == each.text
        assert [(own["name"], own.get("optional", False)) for own in told[each.name]["parameters"]] == [
            (own.name, own.optional) for own in each.parameters]
        assert all(own.hint in shown["description"] for own, shown in zip(each.parameters, told[each.name]["parameters"]))


def test_an_unknown_function_or_button_is_the_callers_mistake_told_in_words(served):
    for answer in (call(served, "SUBSIDIES", []), served.client.post("/xlwings/custom-scripts-call/nosuch", json=book())):
        assert answer.status_code == 400 and "专项资金没有" in answer.text


def book(rows: list[list[object]] = LIST, selection: str = "A1") -> dict[str, object]:
    """An open book of one sheet as xlwings' script posts it."""
    lists = {key: [] for key in ("pictures", "tables", "names", "shapes", "charts", "pivot_tables", "notes")}
    return {"client": "Office.js", "version": "any", "book": {"name": "名单.xlsx", "active_sheet_index": 0, "selection": selection}, "names": [],
            "sheets": [{"name": "名单", "values": rows, **lists}]}


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.key)
def test_every_button_of_the_ribbon_gives_actions_for_the_open_book(served, action):
    answer = served.client.post(f"/xlwings/custom-scripts-call/{action.key}", json=book(selection="A2"))
    assert answer.status_code == 200
    done = answer.json()["actions"]
    added = [each["args"][1] for each in done if each["func"] == "addSheet"]
    assert added and all(name.startswith("专项-") for name in added)
    assert next(each["args"][0] for each in done if each["func"] == "alert").strip()


def test_a_book_over_the_bound_a_foreign_host_and_another_sites_page_are_refused(served):
    def status(length: str, **headers: str) -> int:
        connection = http.client.HTTPSConnection("localhost", served.port, context=served.trust, timeout=20)
        connection.putrequest("POST", "/xlwings/custom-scripts-call/check", skip_host=True)
        for name, value in {"Host": f"localhost:{served.port}", "Content-Length": length, **headers}.items():
            connection.putheader(name, value)
        connection.endheaders()
        try:
            return connection.getresponse().status
        finally:
            connection.close()
    assert status("16000001") == 413
    assert status("0", Host="evil.example") == 400
    assert status("0", Origin="https://evil.example") == 403


def test_the_manifest_is_served_for_the_name_in_the_certificate(served):
    answer = served.client.get("/manifest.xml", headers={"Host": f"127.0.0.1:{served.port}"})
    assert faults(answer.text.replace(served.base, "https://zijin.gxj.example:8443")) == []
    links = set(re.findall(r'DefaultValue="(https://[^"]+)"', answer.text))
    assert len(links) >= 6
    for link in links:
        assert served.client.get(link).status_code == 200, link


def test_the_browser_is_given_no_rule_for_the_rest_of_the_machine(served):
    headers = served.client.get("/taskpane.html").headers
    assert "Strict-Transport-Security" not in headers and headers["X-Content-Type-Options"] == "nosniff"


def test_no_page_of_xlwings_examples_is_left(served):
    assert served.client.get("/manifest/download").text == served.client.get("/manifest.xml").text
    assert "hello" not in served.client.get("/static/js/ribbon.js").text


# --- in Chromium ----------------------------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def pane(chromium: Browser, served: Served) -> Iterator[Page]:
    """The task pane as Excel opens it."""
    context = chromium.new_context(ignore_https_errors=True, viewport={"width": 360, "height": 900})
    page = context.new_page()
    page.faults, page.asked = [], []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on("request", lambda request: page.asked.append(request.url))
    page.route("**/office-js/**/office.js", lambda route: route.fulfill(content_type="text/javascript", body=STUB))
    page.goto(f"{served.base}/taskpane.html")
    page.wait_for_function("globalThis.xlwings && Object.keys(__functions).length && document.querySelector('#help[xw-click-initialized]')")
    yield page
    context.close()


@pytest.fixture
def office(pane: Page) -> Page:
    """The task pane with the list open and nothing done yet."""
    pane.evaluate("([rows, runtime]) => { __log.length = 0; __runtime = runtime; openBook('名单', rows, 'A2'); }", [LIST, "1.4"])
    return pane


def cell(page: Page, function: str, args: list[object]) -> object:
    """What a cell with a function gives: rows, or the error and its text."""
    return page.evaluate("""async ([name, args]) => {
        try { return await __functions[name](...args, {address: "[名单.xlsx]名单!B2"}); }
        catch (error) { return {code: error.code ?? error.name, text: error.message}; }
    }""", [function, args])


@pytest.mark.parametrize("case", CASES[7::30], ids=lambda case: case.id)
def test_part_of_the_contract_table_holds_in_the_page(office, case):
    found = cell(office, case.function, [office_calls.sent(own) for own in case.args])
    assert contract_table.agrees(office_calls.shown(found), case), found


def test_an_older_host_is_given_errors_as_texts(chromium, served):
    # xlwings' page asks once what the host can do, so this is a pane of its own
    context = chromium.new_context(ignore_https_errors=True)
    page = context.new_page()
    page.route("**/office-js/**/office.js", lambda route: route.fulfill(content_type="text/javascript", body=STUB.replace('"1.4"', '"1.1"')))
    page.goto(f"{served.base}/taskpane.html")
    page.wait_for_function("globalThis.xlwings && Object.keys(__functions).length")
    assert cell(page, "SUBSIDY", [[["2026P1-1"]], [[1500], [""]], None]) == [[150], ["#N/A"]]
    context.close()


def test_misuse_is_the_errors_of_the_host_and_why_tells_what_to_put_right(office):
    assert cell(office, "PROGRAM", [[["2026P9-9"]], [["上限"]]]) == [[{"type": "Error", "errorType": "Value"}]]
    assert "没有项目“2026P9-9”" in cell(office, "WHY", [[["2026P9-9"]], None, None, None])[0][0]


def test_a_fault_of_the_program_is_told_as_one_and_not_asked_for_again(office, served):
    before = len(office.asked)
    assert cell(office, "SUBSIDY", [[["2026P1-1"]], [[1]], None, [[1]]])["text"].startswith("程序出错了")
    assert len([url for url in office.asked[before:] if "custom-functions-call" in url]) == 1
    served.provoked.append("TypeError")


def wait_for_dialog(page: Page) -> str:
    """The address of the dialog that opens."""
    return page.wait_for_function("__log.find(([kind]) => kind === 'dialog')?.[1]", timeout=20_000).json_value()


def test_a_button_of_the_pane_writes_into_the_book_and_says_so(office):
    office.click("#estimate")
    told = parse_qs(urlsplit(wait_for_dialog(office)).query)
    assert told["title"] == ["专项资金"] and "2026P1-1" in told["prompt"][0]
    log = office.evaluate("__log.filter(([kind]) => kind !== 'dialog')")
    assert any(kind == "call" and path.endswith("worksheets.add") and given == ["专项-测算 2026P1-1"] for kind, path, given in log)
    formulas = [value for kind, path, value in log if kind == "set" and path.endswith((".formulas", ".values"))]
    assert "=XLTOOL.SUBSIDY(" in json.dumps(formulas, ensure_ascii=False)


def test_every_button_of_the_ribbon_is_there_and_always_says_that_it_is_done(office):
    assert set(office.evaluate("Object.keys(__actions)")) == {f"xltool-{action.key}" for action in ACTIONS}
    office.evaluate("openBook('名单', [['']], 'A1')")  # nothing to check: the action fails
    office.evaluate("globalThis.__done = false; __actions['xltool-check']({completed: () => { __done = true; }}); null")
    office.wait_for_function("__done", timeout=20_000)
    assert "critical" in parse_qs(urlsplit(wait_for_dialog(office)).query)["mode"]


def test_a_dialog_shows_its_text_and_answers_in_chinese(chromium, served):
    context = chromium.new_context(ignore_https_errors=True)
    page = context.new_page()
    page.route("**/office-js/**/office.js", lambda route: route.fulfill(content_type="text/javascript", body=STUB))
    page.goto(f"{served.base}/xlwings/alert?title=Error&prompt=第一行%0A<b>第二行</b>&buttons=ok&mode=critical&callback=")
    assert page.inner_text("h1") == "出错了" and page.inner_text(".said") == "第一行\n<b>第二行</b>"
    page.click("text=确定")
    page.wait_for_function("__log.some(([kind, text]) => kind === 'message' && text === 'ok|')")
    context.close()


def test_the_pane_shows_every_button_and_function_and_asks_no_other_site(office, served):
    text = office.inner_text("main")
    assert all(action.label in text and action.hint in text for action in ACTIONS)
    assert all(f"XLTOOL.{each.name}" in text and each.text in text for each in FUNCTIONS)
    assert office.asked and all(url.startswith((f"{served.base}/", "data:")) for url in office.asked)
    assert office.faults == []
