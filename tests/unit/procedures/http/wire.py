"""A server that writes what a test says, byte by byte if needed, and notes what it received."""

from __future__ import annotations

import json
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

# What a test does with one request: the connection, and the request as (head, body).
Script = Callable[[socket.socket, str, bytes], None]


@dataclass
class Wire:
    """The address of the server, and the JSON bodies of the requests that it read."""

    url: str = ""
    bodies: list[Any] = field(default_factory=list)
    connections: int = 0


def answer(body: str, status: str = "200 OK", *headers: str, length: int | None = None) -> bytes:
    """A whole answer; `length` is what its Content-Length claims."""
    claimed = len(body.encode()) if length is None else length
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {claimed}", *headers, "", body]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape")


@contextmanager
def wire(script: Script, tls: ssl.SSLContext | None = None) -> Iterator[Wire]:
    """Serve many connections, each with as many requests as come; a script answers each."""
    found = Wire()
    ended = threading.Event()

    def serve(connection: socket.socket) -> None:
        with suppress(OSError, ValueError), connection:
            if tls:
                connection = tls.wrap_socket(connection, server_side=True)
            with connection.makefile("rb") as lines:
                while not ended.is_set() and (first := lines.readline()):
                    head = first.decode()
                    while (line := lines.readline()) not in (b"\r\n", b""):
                        head += line.decode()
                    length = re.search(r"content-length: (\d+)", head, re.IGNORECASE)
                    body = lines.read(int(length[1])) if length else b""
                    found.bodies.append(json.loads(body) if body else None)
                    script(connection, head, body)

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            found.connections += 1
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        scheme = "https" if tls else "http"
        found.url = f"{scheme}://127.0.0.1:{listener.getsockname()[1]}"
        threading.Thread(target=accept, daemon=True).start()
        try:
            yield found
        finally:
            ended.set()
            listener.shutdown(socket.SHUT_RDWR)


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """Make a certificate for 127.0.0.1; returns the server's context and the file to trust."""
    from ipaddress import ip_address

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False
        )
        .add_extension(
            x509.KeyUsage(True, False, False, False, False, True, True, False, False),
            critical=True,
        )
        .sign(key, hashes.SHA256())
    )
    trusted = folder / "trusted.pem"
    trusted.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = folder / "key.pem"
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trusted, private)
    return context, trusted


def drip(connection: socket.socket, data: bytes, seconds: float) -> None:
    """Send byte by byte."""
    for position in range(len(data)):
        connection.sendall(data[position : position + 1])
        time.sleep(seconds)
