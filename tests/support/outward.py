"""What both guarded clients are held to: the table of URLs, a scripted resolver, real servers."""

import datetime as dt
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

# What a caller may give: read, and (for addresses) open without any setting.
PUBLIC = [
    "http://8.8.8.8/", "https://93.184.216.34:8443/x", "http://[2606:4700::1111]/",
    "http://[::ffff:8.8.8.8]/", "http://[2002:808:808::1]/", "http://[64:ff9b::808:808]/",
    "http://172.15.0.1/", "http://172.32.0.1/", "http://100.63.255.255/", "http://100.128.0.1/",
    "http://192.167.255.255/", "http://11.0.0.1/", "http://223.255.255.255/",
]  # fmt: skip
# Addresses that are nobody else's business.
PRIVATE = [
    "http://127.0.0.1/", "http://127.255.255.254:9000/", "http://localhost/",
    "http://LOCALHOST:1/", "http://localhost./", "http://a.localhost/", "http://0.0.0.0/",
    "http://0.1.2.3/", "http://10.0.0.1/", "http://10.255.255.255/", "http://172.16.0.1/",
    "http://172.31.255.255/", "http://192.168.0.1/", "http://169.254.169.254/latest/meta-data/",
    "http://100.64.0.1/", "http://100.127.255.255/", "http://192.0.0.8/", "http://192.0.2.1/",
    "http://198.18.0.1/", "http://198.51.100.1/", "http://203.0.113.1/", "http://224.0.0.1/",
    "http://239.255.255.255/", "http://240.0.0.1/", "http://255.255.255.255/",
    "http://127.0.0.1./", "http://\uff11\uff12\uff17.0.0.1/", "http://127\u30020\u30020\u30021/",
    "http://[::1]/", "http://[::]/", "http://[0:0:0:0:0:0:0:1]/", "http://[fe80::1]/",
    "http://[febf::1]/", "http://[fc00::1]/", "http://[fd12:3456::1]/", "http://[ff02::1]/",
    "http://[fec0::1]/", "http://[2001:db8::1]/", "http://[2001::1]/", "http://[3fff::1]/",
    "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://[::ffff:10.1.2.3]/",
    "http://[::ffff:169.254.169.254]/", "http://[::127.0.0.1]/", "http://[::ffff:0:127.0.0.1]/",
    "http://[2002:7f00:1::]/", "http://[2002:a00:1::1]/", "http://[2002:a9fe:a9fe::]/",
    "http://[64:ff9b::7f00:1]/", "http://[64:ff9b::a9fe:a9fe]/", "http://[64:ff9b:1::808:808]/",
    "http://[100::1]/",
]  # fmt: skip
# What is refused for how it is written.
ODD = [
    "", "h/p", "nowhere", "ftp://x", "file:///etc/passwd", "gopher://x/", "javascript:alert(1)",
    "//host/x", "http://", "http:///p", "http://h:port/", "http://h:0/", "http://h:99999/",
    "http://[::1", "http://a..b/", "http://" + "a" * 64 + ".x/", "http://.x/", "http://./",
    "http://127.1/", "http://127.0.1/", "http://2130706433/", "http://0x7f000001/",
    "http://0x7f.0.0.1/", "http://017700000001/", "http://0177.0.0.1/", "http://127.0.0.01/",
    "http://127.0.0.0x1/", "http://1.2.3.4.5/", "http://256.0.0.1/", "http://a.0x/",
    "http://user@h/", "http://user:word@h/", "http://8.8.8.8@127.0.0.1/", "http://@h/",
    "http://127.0.0.1\\@8.8.8.8/", "http://h\\x/", "http://h /", "http://h/a b", " http://h/",
    "http://h/\r\nX: y", "http://h\t/", "http://h/\x00", "http://h%00/", "http://127.0.0.1%2f@h/",
    "http://%31%32%37.0.0.1/", "http://[fe80::1%25eth0]/", "http://[fe80::1%eth0]/",
    "http://[v1.x]/", "http://h<x>/", "http://h,x/",
]  # fmt: skip
# What an operator allows: setting, URL, one of its addresses, whether it is open then.
ALLOWED = [
    ("127.0.0.1", "http://127.0.0.1:9000/", "127.0.0.1", True),
    ("127.0.0.1", "http://127.0.0.2:9000/", "127.0.0.2", False),
    ("127.0.0.0/8", "http://127.9.9.9:9000/", "127.9.9.9", True),
    ("127.0.0.0/8", "http://[::ffff:127.0.0.1]:9000/", "::ffff:127.0.0.1", True),
    ("10.0.0.0/8, 192.168.7.0/24", "http://192.168.7.9/", "192.168.7.9", True),
    ("10.0.0.0/8", "http://inside.example/", "10.2.3.4", True),
    ("inside.example", "http://inside.example/", "10.2.3.4", True),
    ("Inside.Example.", "http://INSIDE.example/", "10.2.3.4", True),
    ("inside.example", "http://other.example/", "10.2.3.4", False),
    ("inside.example", "http://x.inside.example/", "10.2.3.4", False),
    ("inside.example:81", "http://inside.example/", "10.2.3.4", False),
    ("inside.example:81", "http://inside.example:81/", "10.2.3.4", True),
    ("10.0.0.0/8:81", "http://10.0.0.1:81/", "10.0.0.1", True),
    ("10.0.0.0/8:81", "http://10.0.0.1:82/", "10.0.0.1", False),
    ("fd00::/8", "http://[fd00::1]/", "fd00::1", True),
    ("[fd00::1]:81", "http://[fd00::1]:81/", "fd00::1", True),
    ("[fd00::1]:81", "http://[fd00::1]/", "fd00::1", False),
    ("::1", "http://[::1]:9000/", "::1", True),
    # 4222 is a part's port, 8080 the gateway's own (see PARTS and NEVER).
    ("127.0.0.0/8", "http://127.0.0.1:4222/", "127.0.0.1", False),
    ("127.0.0.1:4222", "http://127.0.0.1:4222/", "127.0.0.1", True),
    ("localhost", "http://localhost:4222/", "127.0.0.1", False),
    ("127.0.0.0/8 127.0.0.1:8080 localhost:8080", "http://localhost:8080/", "127.0.0.1", False),
    ("", "http://public.example:4222/", "8.8.8.8", True),
]
PARTS = frozenset((4222, 8080))
NEVER = frozenset((8080,))
WRONG_SETTINGS = ["10.0.0.1/8", "h:99999", "h:x", "http://h", "a..b", "[::1", "127.1", "300.1.1.1"]


class Script:
    """A resolver whose every answer is the next of a list, the last for ever.

    Attributes:
        asked: How often it was.
        own: Addresses that it calls this machine's.
    """

    def __init__(self, *answers: list[str], own: tuple[str, ...] = ()) -> None:
        self.asked = 0
        self.own = own
        self._answers = answers

    def next(self) -> list[str]:
        """The next answer."""
        self.asked += 1
        return self._answers[min(self.asked, len(self._answers)) - 1]

    def is_own(self, address: Any) -> bool:
        """Whether it is one of those said to be own."""
        return str(address) in self.own


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    received: list[tuple[str, dict[str, str], bytes]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fields = {key.lower(): value for key, value in self.headers.items()}
        self.received.append((self.path, fields, body))
        path, _, to = self.path.partition("?to=")
        if path == "/switch":
            self.send_response(101)
            self.send_header("Connection", "upgrade")
            self.send_header("Upgrade", "other")
            self.end_headers()
            return
        self.send_response(302 if path == "/moved" else 200)
        if path == "/moved":
            self.send_header("Location", to)
        content = b"x" * int(path.removeprefix("/size/")) if path.startswith("/size/") else b"ok"
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


class Server:
    """A real HTTP server.

    Attributes:
        received: Path, fields and body of each POST.
    """

    def __init__(self, port: int, received: list[tuple[str, dict[str, str], bytes]]) -> None:
        self.port = port
        self.received = received


@contextmanager
def serving(address: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Serves while the context lasts."""
    handler = type("Handler", (_Handler,), {"received": []})
    server = ThreadingHTTPServer((address, 0), handler)
    if tls is not None:
        server.socket = tls.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield Server(server.server_port, handler.received)  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, Path]:
    """A server's context for a host's name, and the file that a client must trust for it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    trusted, secret = folder / "trusted.pem", folder / "secret.pem"
    trusted.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trusted, secret)
    return context, trusted


def address_of(url: str, module: Any) -> Any:
    """The address that a URL's host is, as its module reads it."""
    target = module.read_url(url)
    assert target.known is not None, url
    return ipaddress.ip_address(target.known)
