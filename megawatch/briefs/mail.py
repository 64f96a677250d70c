"""An edition as a message: plain text first, HTML with its charts last, the same bytes whenever it is built.

Headers follow RFC 5322, RFC 2919 (List-Id), RFC 2369 and RFC 8058 (unsubscribing by one click); the DKIM signature
covers them, as RFC 8058 asks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage, MIMEPart
from email.utils import format_datetime

import dkim

from megawatch.briefs.deliver import Letter
from megawatch.briefs.hygiene import plain, safe_link
from megawatch.briefs.render import UNSUBSCRIBE_MARK, UNSUBSCRIBE_TEXT, Rendered, image_id
from megawatch.briefs.tokens import sign_address
from megawatch.errors import BriefError
from megawatch.market import content_id

SUBJECT_LIMIT = 150
# Lines end in CR LF on the wire. Bodies are folded at 78 octets; headers only at 998, where the standard must: the
# library would encode a long address as words, and then no program could follow it.
BODIES = policy.SMTP.clone(max_line_length=78, cte_type="7bit")
WIRE = policy.SMTP.clone(max_line_length=998, cte_type="7bit")
SIGNED = (
    "from",
    "to",
    "subject",
    "date",
    "message-id",
    "mime-version",
    "content-type",
    "list-id",
    "list-unsubscribe",
    "list-unsubscribe-post",
)
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?=.{1,255}$)[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_PARAGRAPH = re.compile(r"<!--unsubscribe-->.*?<!--/unsubscribe-->", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSettings:
    """How editions are signed and addressed.

    ``base_url`` is where the archive and the unsubscribe page are served (https), ``unsubscribe_key`` a secret of at
    least 16 characters; without both no unsubscribe link is given. ``dkim_key`` is a private key in PEM.
    """

    sender: str = "brief@megawatch.example"
    sender_name: str = "Megawatch"
    list_id: str = "weekly.megawatch.example"
    base_url: str = ""
    unsubscribe_key: str = ""
    dkim_key: str = ""
    dkim_selector: str = "megawatch"
    dkim_domain: str = ""


def check_address(address: str) -> str:
    """The address, if it can be mailed to. Raises BriefError otherwise, naming it."""
    if not _ADDRESS.fullmatch(address):
        raise BriefError(f"{plain(address, limit=80)!r} is no mail address: write it like name@desk.example.")
    return address


def message_id(edition: str, recipient: str, sender: str) -> str:
    """The Message-ID of an edition to one recipient: the same at every attempt, so that a double can be seen."""
    domain = check_address(sender).rsplit("@", 1)[1]
    return f"<{edition}.{content_id(edition, recipient.casefold())}@{domain}>"


def unsubscribe_url(recipient: str, settings: MailSettings) -> str | None:
    """Where one click unsubscribes the recipient; None without a base address and a key."""
    if not settings.base_url or not settings.unsubscribe_key:
        return None
    base = settings.base_url.rstrip("/")
    if not safe_link(base):
        raise BriefError(
            f"The base address {plain(base, limit=80)!r} is no http or https address: correct the setting."
        )
    return f"{base}/unsubscribe/{sign_address(recipient, key=settings.unsubscribe_key)}"


def build_message(rendered: Rendered, *, recipient: str, settings: MailSettings) -> EmailMessage:
    """The edition for one recipient. Raises BriefError for an address or setting that cannot be used."""
    check_address(recipient)
    message = EmailMessage(policy=BODIES)
    message["From"] = Address(plain(settings.sender_name, limit=60), addr_spec=check_address(settings.sender))
    message["To"] = recipient
    message["Subject"] = plain(rendered.subject, limit=SUBJECT_LIMIT)
    message["Date"] = format_datetime(datetime.combine(datetime.fromisoformat(rendered.day), time(6), tzinfo=UTC))
    message["Message-ID"] = message_id(rendered.edition, recipient, settings.sender)
    message["List-Id"] = f"Megawatch weekly brief <{settings.list_id}>"
    link = unsubscribe_url(recipient, settings)
    if link:
        message["List-Unsubscribe"] = f"<{link}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = "en"
    _add_bodies(message, rendered, link)
    for place, part in enumerate(_multiparts(message)):
        part.set_boundary(f"=_{content_id(rendered.edition, recipient, str(place))}")
    return message


def _add_bodies(message: EmailMessage, rendered: Rendered, link: str | None) -> None:
    ending = f"Unsubscribe with one click: {link}" if link else ""
    text = rendered.text.replace(UNSUBSCRIBE_TEXT, ending).rstrip() + "\n"
    html = rendered.html.replace(UNSUBSCRIBE_MARK, link) if link else _PARAGRAPH.sub("", rendered.html)
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    payload = message.get_payload()
    assert isinstance(payload, list)
    body = payload[1]
    assert isinstance(body, MIMEPart)
    for image in rendered.images:
        for dress, data in (("light", image.light), ("dark", image.dark)):
            cid = image_id(rendered.edition, image.name, dress)
            body.add_related(
                data, "image", "png", cid=f"<{cid}>", filename=f"{image.name}-{dress}.png", disposition="inline"
            )


def _multiparts(message: EmailMessage) -> Iterator[EmailMessage]:
    return (part for part in message.walk() if part.is_multipart())


def message_bytes(message: EmailMessage, settings: MailSettings) -> bytes:
    """The message as it goes over the wire, signed where a key is set. Raises BriefError for a key that cannot sign."""
    data = message.as_bytes(policy=WIRE)
    if not settings.dkim_key:
        return data
    domain = settings.dkim_domain or settings.sender.rsplit("@", 1)[1]
    present = [name.encode() for name in SIGNED if name in message]
    try:
        signature: bytes = dkim.sign(
            data,
            settings.dkim_selector.encode(),
            domain.encode(),
            settings.dkim_key.encode(),
            include_headers=present,
            canonicalize=(b"relaxed", b"relaxed"),
        )
    except (dkim.DKIMException, ValueError) as error:
        raise BriefError(
            f"The DKIM key for {domain} cannot sign: {error}. Give an RSA or Ed25519 key in PEM."
        ) from error
    return signature + data


def composer(rendered: Rendered, settings: MailSettings) -> Callable[[str], Letter]:
    """What ``deliver`` asks for each recipient's letter."""

    def compose(recipient: str) -> Letter:
        message = build_message(rendered, recipient=recipient, settings=settings)
        return Letter(str(message["Message-ID"]), message_bytes(message, settings))

    return compose
