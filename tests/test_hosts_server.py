"""`xltool serve` before it serves: addresses and certificates, borders, the manifest, and what is said when something is missing."""
from __future__ import annotations

import asyncio
import datetime as dt
import os
import re
import socket
import subprocess
import sys
import uuid
from ipaddress import ip_address
from xml.etree import ElementTree

import httpx
import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from xltool.cli import main
from xltool.hosts.ribbon import ACTIONS
from xltool.hosts.server.address import Address, BadAddress, address_of
from xltool.hosts.server.borders import Borders
from xltool.hosts.server.manifest import manifest


def certificate(folder, *names: str, days: int = 30):
    """A self-signed certificate for names and addresses, and its key, as PEM files."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = dt.datetime.now(dt.timezone.utc)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "xltool test")])
    made = (x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now - dt.timedelta(60)).not_valid_after(now + dt.timedelta(days)))
    if names:
        stated = [x509.IPAddress(ip_address(name)) if name[0].isdigit() else x509.DNSName(name) for name in names]
        made = made.add_extension(x509.SubjectAlternativeName(stated), critical=False)
    cert, private = folder / "证书.pem", folder / "私钥.pem"
    cert.write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    private.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return cert, private


# --- addresses ------------------------------------------------------------------------------------------------------------

def test_without_a_certificate_the_server_is_for_this_machine_alone_and_not_for_excel():
    address = address_of("127.0.0.1", 8000, None, None)
    assert address.base == "http://127.0.0.1:8000" and not address.secure
    assert set(address.names) == {"127.0.0.1", "localhost", "::1"}


def test_with_a_certificate_its_first_name_is_the_address(tmp_path):
    address = address_of("0.0.0.0", 8443, *certificate(tmp_path, "*.gxj.example", "zijin.gxj.example", "10.1.2.3"))
    assert address.base == "https://zijin.gxj.example:8443" and address.secure
    assert {"zijin.gxj.example", "*.gxj.example", "10.1.2.3"} <= set(address.names)


def test_a_proxys_name_is_the_address_where_it_is_given():
    address = address_of("127.0.0.1", 8000, None, None, "zijin.gxj.example:8443")
    assert address.base == "https://zijin.gxj.example:8443" and "zijin.gxj.example" in address.names


def refused(host="127.0.0.1", cert=None, key=None) -> str:
    with pytest.raises(BadAddress) as error:
        address_of(host, 8000, cert, key)
    return str(error.value)


def test_an_address_that_cannot_serve_is_refused_with_what_to_change(tmp_path):
    cert, _ = certificate(tmp_path, "localhost")
    assert "要有证书" in refused("0.0.0.0")
    assert "一起给" in refused(cert=cert)
    assert "没有文件" in refused(cert=cert, key=tmp_path / "无.pem")
    assert "配不成一对" in refused(cert=cert, key=cert)


def test_a_certificate_that_a_browser_would_refuse_is_refused(tmp_path):
    def told(*names: str, days: int = 30) -> str:
        cert, key = certificate(tmp_path, *names, days=days)
        return refused(cert=cert, key=key)
    assert "没有写域名" in told()
    assert "过期了" in told("localhost", days=-1)
    assert "XLWINGS_HOSTNAME" in told("*.gxj.example")


# --- borders --------------------------------------------------------------------------------------------------------------

ADDRESS = Address("https://zijin.gxj.example:8443", ("zijin.gxj.example", "*.lan.example", "127.0.0.1"))


async def echo(scope, receive, send):
    body = await Request(scope, receive).body()
    await PlainTextResponse(f"{len(body)} bytes")(scope, receive, send)


def ask(method: str = "POST", host: str = "zijin.gxj.example:8443", **options) -> httpx.Response:
    async def go() -> httpx.Response:
        transport = httpx.ASGITransport(Borders(echo, ADDRESS, 1000))
        async with httpx.AsyncClient(transport=transport, base_url=f"https://{host}") as client:
            return await client.request(method, "/", **options)
    return asyncio.run(go())


@pytest.mark.parametrize("host", ["zijin.gxj.example:8443", "a.lan.example", "127.0.0.1:8443"])
def test_a_known_host_is_answered(host):
    assert ask("GET", host).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "lan.example", "zijin.gxj.example.evil.example", "10.0.0.1"])
def test_a_foreign_host_is_refused_and_told_the_address(host):
    answer = ask("GET", host)
    assert answer.status_code == 400 and ADDRESS.base in answer.text


@pytest.mark.parametrize(("origin", "status"), [
    (ADDRESS.base, 200), ("https://a.lan.example", 200), (None, 200), ("https://evil.example", 403), ("null", 403),
    ("https://zijin.gxj.example", 403)])
def test_a_page_of_another_site_may_not_post(origin, status):
    host = "a.lan.example" if origin == "https://a.lan.example" else "zijin.gxj.example:8443"
    assert ask(host=host, headers={"Origin": origin} if origin else {}).status_code == status


def test_a_page_of_another_site_may_read_what_is_public():
    assert ask("GET", headers={"Origin": "https://excel.officeapps.live.com"}).status_code == 200


def test_a_body_within_the_bound_arrives_whole():
    assert ask(content=b"x" * 1000).text == "1000 bytes"


async def parts(count: int):
    for _ in range(count):
        yield b"x" * 300


def test_a_body_over_the_bound_is_refused_by_its_header_and_by_counting():
    assert ask(content=b"x" * 1001).status_code == 413
    assert ask(content=parts(3)).text == "900 bytes"
    answer = ask(content=parts(4))
    assert answer.status_code == 413 and "拆小" in answer.text


# --- the manifest ---------------------------------------------------------------------------------------------------------

BASE = "https://zijin.gxj.example:8443"
OFFICE, TYPES, OVERRIDES = (f"{{http://schemas.microsoft.com/office/{name}}}" for name in (
    "appforoffice/1.1", "officeappbasictypes/1.0", "taskpaneappversionoverrides"))
ORDER = ["Id", "Version", "ProviderName", "DefaultLocale", "DisplayName", "Description", "IconUrl", "HighResolutionIconUrl", "SupportUrl",
         "AppDomains", "Hosts", "Requirements", "DefaultSettings", "Permissions", "VersionOverrides"]


def faults(text: str) -> list[str]:
    """What Office would not take, as far as its documentation tells; Microsoft's validator works online only."""
    root = ElementTree.fromstring(text)
    found = [] if [child.tag.split("}")[1] for child in root] == ORDER else ["order"]
    named = [each for kind in ("Image", "Url", "String") for each in root.iter(TYPES + kind) if "id" in each.attrib]
    ids = [each.attrib["id"] for each in named]
    used = {each.attrib["resid"] for each in root.iter() if "resid" in each.attrib}
    found += [f"undefined {name}" for name in used - set(ids)] + [f"unused {name}" for name in set(ids) - used]
    found += [f"twice {name}" for name in {name for name in ids if ids.count(name) > 1}] + [f"long id {name}" for name in ids if len(name) > 32]
    for kind, most in (("ShortStrings", 125), ("LongStrings", 250)):
        found += [f"long text {each.attrib['id']}" for each in root.iterfind(f".//{TYPES}{kind}/*") if len(each.attrib["DefaultValue"]) > most]
    links = [value for each in root.iter() for key, value in each.attrib.items() if key == "DefaultValue" and "://" in value]
    found += [f"not https {link}" for link in links if not link.startswith(f"{BASE}/")]
    if not re.fullmatch(r"[1-9]\d*(\.\d+){1,3}", root.findtext(OFFICE + "Version")):
        found.append("version")
    controls = [each.attrib["id"] for each in root.iter(OVERRIDES + "Control")]
    return found + (["control twice"] if len(set(controls)) < len(controls) else [])


def test_the_manifest_is_one_that_office_takes():
    assert faults(manifest(BASE)) == []


@pytest.mark.parametrize(("old", "new", "fault"), [
    ('resid="Tab.Label"', 'resid="Tab.Text"', "undefined Tab.Text"),
    ('size="16" resid="Icon.16"', 'size="16" resid="Icon.32"', "unused Icon.16"),
    (f"{BASE}/static/icons/80.png", "http://x/80.png", "not https http://x/80.png"), ("<ProviderName>xltool</ProviderName>", "", "order"),
    ('DefaultValue="专项资金"/><bt:String', f'DefaultValue="{"长" * 126}"/><bt:String', "long text Tab.Label"),
    ("<Version>1", "<Version>v1", "version")])
def test_the_checks_of_the_manifest_see_faults(old, new, fault):
    text = manifest(BASE)
    assert old in text and fault in faults(text.replace(old, new))


def test_every_action_has_a_button_with_its_label_and_hint():
    root = ElementTree.fromstring(manifest(BASE))
    texts = {each.attrib["id"]: each.attrib["DefaultValue"] for each in root.iter(TYPES + "String")}
    buttons = {each.findtext(f".//{OVERRIDES}FunctionName"): each for each in root.iter(OVERRIDES + "Control")}
    for action in ACTIONS:
        button = buttons[f"xltool-{action.key}"]
        assert texts[button.find(OVERRIDES + "Label").attrib["resid"]] == action.label
        assert texts[button.find(f".//{OVERRIDES}Description").attrib["resid"]] == action.hint


def test_the_id_stays_with_the_address():
    def identity(base: str) -> str:
        return ElementTree.fromstring(manifest(base)).findtext(OFFICE + "Id")
    assert uuid.UUID(identity(BASE)) and identity(BASE) == identity(BASE) != identity("https://localhost:8443")


# --- the command ----------------------------------------------------------------------------------------------------------

def serve(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """`xltool serve` in a process of its own, which must end by itself."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("XLWINGS_", "XLTOOL_GUIDELINE"))}
    return subprocess.run([sys.executable, "-c", "from xltool.cli import main; main()", "serve", *arguments], text=True, encoding="utf-8",
                          capture_output=True, timeout=60, env={**kept, "PYTHONUTF8": "1", **settings})


def test_without_the_extra_the_command_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "xlwings_server", None)
    result = CliRunner().invoke(main, ["serve"])
    assert result.exit_code == 1 and 'pip install ".[server]"' in result.output


@pytest.mark.parametrize(("key", "words"), [("", "没有找到"), ("wrong", "不被接受")])
def test_without_a_licence_the_command_says_what_to_set(tmp_path, key, words):
    done = serve(XLWINGS_LICENSE_KEY=key, HOME=str(tmp_path), USERPROFILE=str(tmp_path))
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert words in done.stderr and "XLWINGS_LICENSE_KEY" in done.stderr and "noncommercial" in done.stderr and "企业" in done.stderr


def test_a_port_that_is_taken_is_told():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = serve("--port", str(port), XLWINGS_LICENSE_KEY="noncommercial")
    assert done.returncode == 1 and f"{port} 端口上听：已经有程序在用" in done.stderr and "Traceback" not in done.stderr


def test_a_named_guideline_with_problems_is_told_before_the_start(tmp_path):
    done = serve(XLWINGS_LICENSE_KEY="noncommercial", XLTOOL_GUIDELINE=str(tmp_path / "没有.xlsx"))
    assert done.returncode == 1 and "没有.xlsx" in done.stderr and "XLTOOL_GUIDELINE" in done.stderr


def test_an_address_for_others_without_a_certificate_is_refused():
    done = serve("--host", "0.0.0.0", XLWINGS_LICENSE_KEY="noncommercial")
    assert done.returncode == 1 and "要有证书" in done.stderr
