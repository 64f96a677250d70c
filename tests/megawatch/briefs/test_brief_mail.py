from __future__ import annotations

import re
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import dkim
import pytest
from aiosmtpd.controller import Controller
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from sendlog import MemoryLog, free_port
from test_brief_render import Outline, figures, visible

from megawatch.briefs.deliver import SmtpSettings, deliver
from megawatch.briefs.mail import MailSettings, build_message, composer, message_bytes, message_id
from megawatch.briefs.render import Rendered
from megawatch.briefs.tokens import read_address
from megawatch.errors import BriefError

KEY = "a secret of this test"
SETTINGS = MailSettings(
    sender="brief@megawatch.example",
    base_url="https://brief.example",
    unsubscribe_key=KEY,
    list_id="weekly.brief.example",
)
READER = "reader@desk.example"


class Inbox:
    """Keeps what arrives, as bytes."""

    def __init__(self) -> None:
        self.letters: list[tuple[str, list[str], bytes]] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.letters.append((envelope.mail_from, list(envelope.rcpt_tos), envelope.original_content))
        return "250 taken"


@pytest.fixture(scope="module")
def received(rendered: Rendered) -> bytes:
    inbox = Inbox()
    controller = Controller(inbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        smtp = SmtpSettings(host="127.0.0.1", port=controller.port, security="none", timeout_s=10, delays_s=())
        report = deliver(
            rendered.edition,
            [READER],
            compose=composer(rendered, SETTINGS),
            sender=SETTINGS.sender,
            smtp=smtp,
            log=MemoryLog(),
        )
        assert report.sent == (READER,)
    finally:
        controller.stop()
    ((sender, recipients, data),) = inbox.letters
    assert (sender, recipients) == (SETTINGS.sender, [READER])
    return data


@pytest.fixture(scope="module")
def message(received: bytes) -> EmailMessage:
    parsed = message_from_bytes(received, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    content = part.get_content()
    assert isinstance(content, str)
    return content


def test_structure_is_text_then_html_with_its_images(message: EmailMessage, rendered: Rendered) -> None:
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        *["image/png"] * (2 * len(rendered.images)),
    ]
    assert not message.defects
    assert all(not part.defects for part in message.walk())


def test_headers_are_complete_and_single(message: EmailMessage) -> None:
    assert message["To"] == READER
    assert message["Subject"] == "Megawatch Week 21, 2026"
    assert message["Date"] == "Mon, 25 May 2026 06:00:00 +0000"
    assert message["Message-ID"] == message_id("2026-W21", READER, SETTINGS.sender)
    assert message["List-Id"] == "Megawatch weekly brief <weekly.brief.example>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Auto-Submitted"] == "auto-generated"
    assert len(message.keys()) == len({name.lower() for name in message})


def test_the_link_of_the_header_and_of_the_foot_unsubscribe_this_reader(message: EmailMessage) -> None:
    link = re.fullmatch(r"<(https://brief\.example/unsubscribe/([^>]+))>", str(message["List-Unsubscribe"]))
    assert link
    assert read_address(link[2], key=KEY) == READER
    assert body(message, "html").count(link[1]) == 1
    assert body(message, "plain").count(link[1]) == 1


def test_the_address_of_the_header_is_not_encoded_as_words(received: bytes) -> None:
    assert re.search(rb"^List-Unsubscribe: <https://[^\s>]+>\r$", received, re.MULTILINE)


def test_every_image_is_shown_once_and_every_shown_image_is_there(message: EmailMessage) -> None:
    html = body(message, "html")
    ids = [str(part["Content-ID"])[1:-1] for part in message.walk() if part.get_content_maintype() == "image"]
    shown = [str(image["src"]).removeprefix("cid:") for image in Outline(html).all("img")]
    assert sorted(ids) == sorted(shown)
    assert len(set(ids)) == len(ids)
    assert all(html.count(f"cid:{cid}") == 1 for cid in ids)


def test_sizes_are_those_that_mail_programs_show_whole(message: EmailMessage, received: bytes) -> None:
    assert len(body(message, "html").encode()) < 90_000
    assert len(received) < 300_000
    assert all(len(line) <= 998 for line in received.split(b"\r\n"))


def test_every_link_is_http(message: EmailMessage) -> None:
    links = [str(link["href"]) for link in Outline(body(message, "html")).all("a")]
    assert links
    assert all(link.startswith(("https://", "http://")) for link in links)
    assert "invalid" not in body(message, "html") + body(message, "plain")


def test_both_bodies_hold_the_same_figures_as_received(message: EmailMessage) -> None:
    text = body(message, "plain").replace("-" * 72, "").replace("\r\n", "\n")
    assert figures(visible(body(message, "html"))) == figures(text)


def test_the_same_edition_gives_the_same_bytes(rendered: Rendered) -> None:
    first, second = (
        message_bytes(build_message(rendered, recipient=READER, settings=SETTINGS), SETTINGS) for _ in range(2)
    )
    assert first == second


def test_each_recipient_has_a_message_of_their_own(rendered: Rendered) -> None:
    ids = {message_id(rendered.edition, f"r{n}@desk.example", SETTINGS.sender) for n in range(200)}
    assert len(ids) == 200
    assert message_id("2026-W22", READER, SETTINGS.sender) != message_id("2026-W21", READER, SETTINGS.sender)


def test_without_key_or_address_there_is_no_unsubscribe_link(rendered: Rendered) -> None:
    bare = build_message(rendered, recipient=READER, settings=MailSettings())
    assert "List-Unsubscribe" not in bare
    assert "nsubscribe" not in body(bare, "html") + body(bare, "plain")


@pytest.fixture(scope="module")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=1024)  # short: for the test's speed


def test_dkim_signs_what_one_click_needs(rendered: Rendered, rsa_key: rsa.RSAPrivateKey) -> None:
    pem = rsa_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    ).decode()
    public = rsa_key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    import base64

    record = b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)
    settings = replace(SETTINGS, dkim_key=pem)
    data = message_bytes(build_message(rendered, recipient=READER, settings=settings), settings)
    assert dkim.verify(data, dnsfunc=lambda name, timeout=5: record, minkey=1024)
    signed = re.search(rb"h=([^;]+);", data)
    assert signed
    assert b"list-unsubscribe-post" in signed[1].lower()
    changed = data.replace(b"List-Unsubscribe=One-Click", b"List-Unsubscribe=Two-Click")
    assert not dkim.verify(changed, dnsfunc=lambda name, timeout=5: record, minkey=1024)


@pytest.mark.parametrize("key", ["nonsense", "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n"])
def test_a_key_that_cannot_sign_is_named(key: str, rendered: Rendered) -> None:
    settings = replace(SETTINGS, dkim_key=key)
    message = build_message(rendered, recipient=READER, settings=settings)
    with pytest.raises(BriefError, match="DKIM key"):
        message_bytes(message, settings)


@pytest.mark.parametrize(
    "address",
    ["", "reader", "reader@desk", "a b@desk.example", "a@desk.example\r\nBcc: b@c.example", "a@b.c, d@e.f", "<a@b.c>"],
)
def test_addresses_that_are_none_are_refused(address: str, rendered: Rendered) -> None:
    with pytest.raises(BriefError, match="no mail address"):
        build_message(rendered, recipient=address, settings=SETTINGS)


def test_a_short_secret_is_refused(rendered: Rendered) -> None:
    with pytest.raises(BriefError, match="shorter than 16"):
        build_message(rendered, recipient=READER, settings=replace(SETTINGS, unsubscribe_key="short"))
