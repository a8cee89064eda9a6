"""A real SMTP server in a process of its own, which keeps what it was given in a file.

``python -m tests.smtp_server FILE [options]`` writes its port as the first line of FILE and
then one JSON object a mail, as it was accepted. :func:`running` starts and ends one.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import datetime as dt
import ipaddress
import json
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Received:
    """One mail as the server accepted it; ``helo`` is how the sender called itself."""

    helo: str
    sender: str
    recipients: tuple[str, ...]
    encrypted: bool
    user: str
    mail: EmailMessage

    @property
    def message_id(self) -> str:
        return str(self.mail["Message-ID"])


@dataclass(frozen=True)
class Smtp:
    """A server that runs on the loopback."""

    port: int
    file: Path
    certificate: str

    def received(self) -> list[Received]:
        """All mails accepted so far, in order."""
        lines = self.file.read_text("utf-8").split("\n")[1:]
        out = []
        for line in filter(None, lines):
            told = json.loads(line)
            parsed = message_from_bytes(told["content"].encode("latin-1"), policy=policy.default)
            assert isinstance(parsed, EmailMessage)
            out.append(
                Received(
                    helo=told["helo"],
                    sender=told["from"],
                    recipients=tuple(told["to"]),
                    encrypted=told["encrypted"],
                    user=told["user"],
                    mail=parsed,
                )
            )
        return out


@contextlib.contextmanager
def running(folder: Path, *options: str, tls: str = "", name: str = "localhost") -> Iterator[Smtp]:
    """A server until the block ends. *tls* is "", "starttls" or "implicit"; its certificate
    is of its own making, for *name*.
    """
    file = folder / f"mails-{time.monotonic_ns()}.jsonl"
    arguments = [str(file), *options]
    certificate = ""
    if tls:
        pair = folder / f"server-{name}.pem"
        certificate = make_certificate(pair, name)
        arguments += ["--tls", tls, "--certificate", str(pair)]
    process = subprocess.Popen([sys.executable, "-m", "tests.smtp_server", *arguments], cwd=ROOT)
    try:
        yield Smtp(_port(file, process), file, certificate)
    finally:
        process.kill()
        process.wait()


def _port(file: Path, process: subprocess.Popen[bytes]) -> int:
    give_up = time.monotonic() + 30
    while time.monotonic() < give_up:
        text = file.read_text("utf-8") if file.exists() else ""
        if "\n" in text:
            return int(text.split("\n", 1)[0])
        if process.poll() is not None:
            break
        time.sleep(0.02)
    raise RuntimeError("the SMTP server did not start")


def make_certificate(file: Path, name: str) -> str:
    """Write a self-made certificate for *name* with its key to *file*; the certificate's text."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    names: list[x509.GeneralName] = [x509.DNSName(name)]
    if name == "localhost":
        names.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
    public = key.public_key()
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True,
                key_cert_sign=True,
                crl_sign=True,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    text = made.public_bytes(serialization.Encoding.PEM)
    file.write_bytes(secret + text)
    return text.decode()


class Keeper:
    """What the server does with a mail: waits as it was told to, writes it down, says yes."""

    def __init__(self, asked: argparse.Namespace) -> None:
        self.asked = asked

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if address in self.asked.refuse:
            return "550 5.1.1 no such mailbox"
        if address in self.asked.later:
            return "451 4.2.1 mailbox busy, try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        told = {
            "helo": session.host_name,
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "encrypted": session.ssl is not None or self.asked.tls == "implicit",
            "user": getattr(session, "auth_data", None) or "",
            "content": envelope.content.decode("latin-1"),
        }
        with self.asked.file.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(told) + "\n")
        if self.asked.drop:
            server.transport.abort()
        # Between the taking of a mail and the answer: here a sender may die.
        await asyncio.sleep(self.asked.slow)
        return "250 2.0.0 accepted"


def main() -> None:
    """Serve until killed."""
    from aiosmtpd.smtp import SMTP, AuthResult

    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    parser.add_argument("--tls", choices=["", "starttls", "implicit"], default="")
    parser.add_argument("--certificate", default="")
    parser.add_argument("--user", default="")
    parser.add_argument("--password", default="")
    parser.add_argument("--refuse", action="append", default=[], help="no such recipient")
    parser.add_argument("--later", action="append", default=[], help="recipient not now")
    parser.add_argument("--largest", type=int, default=30_000_000)
    parser.add_argument("--slow", type=float, default=0.0, help="seconds before the answer")
    parser.add_argument("--drop", action="store_true", help="take the mail and hang up")
    asked = parser.parse_args()
    context: ssl.SSLContext | None = None
    if asked.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(asked.certificate)

    def judge(server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> Any:
        who = given.login.decode()
        right = who == asked.user and given.password.decode() == asked.password
        return AuthResult(success=right, handled=False, auth_data=who if right else None)

    def face() -> Any:
        return SMTP(
            Keeper(asked),
            hostname="mail.test",
            enable_SMTPUTF8=True,
            data_size_limit=asked.largest,
            tls_context=context if asked.tls == "starttls" else None,
            require_starttls=asked.tls == "starttls",
            authenticator=judge if asked.user else None,
            auth_required=bool(asked.user),
            auth_require_tls=not asked.user,  # without users, nothing is offered
            loop=asyncio.get_running_loop(),
        )

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        implicit = context if asked.tls == "implicit" else None
        server = await loop.create_server(face, "127.0.0.1", 0, ssl=implicit)
        asked.file.write_text(f"{server.sockets[0].getsockname()[1]}\n", "utf-8")
        await server.serve_forever()

    asyncio.run(serve())


if __name__ == "__main__":
    main()
