"""Where Excel reaches the server: the names of the certificate, a proxy's name, or this machine alone."""
from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import datetime, timezone
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

HOSTNAME = "XLWINGS_HOSTNAME"  # xlwings Server's own setting: the name (and port) under which a proxy offers the server
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class BadAddress(ValueError):
    """An address, a certificate and a key that do not serve; the text says what to change."""


@dataclass(frozen=True, slots=True)
class Address:
    """`base`: what every link starts with, without a slash at its end; `names`: the hosts a request may ask for, `*.` for any below."""

    base: str
    names: tuple[str, ...]

    @property
    def secure(self) -> bool:
        """Whether Excel takes it: Excel wants HTTPS."""
        return self.base.startswith("https://")


def address_of(host: str, port: int, cert: Path | None, key: Path | None, hostname: str = "") -> Address:
    """The address of a server that listens on a host and port. Raises BadAddress where Excel or a browser would refuse it."""
    if bool(cert) != bool(key):
        raise BadAddress("证书和私钥要一起给：--cert 证书.pem --key 私钥.pem")
    own = certificate_names(cert, key) if cert and key else ()
    public = [name for name in own if not name.startswith("*.")]
    if not (hostname or own or _is_loopback(host)):
        raise BadAddress(f"在 {host} 上听就是给别的电脑用，要有证书：--cert 证书.pem --key 私钥.pem；"
                         f"证书在前面的反向代理上时，把它的域名写进环境变量 {HOSTNAME}")
    if own and not (public or hostname):
        raise BadAddress(f"证书只写了 {'、'.join(own)}；请把对外的域名写进环境变量 {HOSTNAME}")
    if hostname:
        base = f"https://{hostname}"
    else:
        name = public[0] if public else host
        base = f"http{'s' if own else ''}://{f'[{name}]' if ':' in name else name}:{port}"
    names = (*own, *_LOOPBACK, host, urlsplit(base).hostname or "")
    return Address(base, tuple(dict.fromkeys(name.lower() for name in names)))


def certificate_names(cert: Path, key: Path) -> tuple[str, ...]:
    """The names and addresses a certificate stands for. Raises BadAddress where it cannot be used with the key, or is out of date."""
    from cryptography import x509
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key, password="")
        found = x509.load_pem_x509_certificate(cert.read_bytes())
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        lost = next((path for path in (cert, key) if not path.is_file()), None)
        why = f"没有文件 {lost}" if lost else f"{cert} 和 {key} 配不成一对 PEM 格式、不带密码的证书和私钥"
        raise BadAddress(f"{why}；请核对 --cert 和 --key") from error
    if found.not_valid_after_utc < datetime.now(timezone.utc):
        raise BadAddress(f"{cert} 在 {found.not_valid_after_utc:%Y-%m-%d} 过期了；请换新的证书")
    try:
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        raise BadAddress(f"{cert} 里没有写域名（subjectAltName），浏览器和 Excel 不认；请换一张") from None
    return (*names.get_values_for_type(x509.DNSName), *map(str, names.get_values_for_type(x509.IPAddress)))


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
