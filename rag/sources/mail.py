"""Mails (.eml, .msg) and saved web pages (.mht) -> a page: heads decoded, the readable part, attachments behind it."""

import email
import email.policy
import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from email.message import EmailMessage, MIMEPart
from email.utils import parsedate_to_datetime
from functools import partial

from rag.errors import SourceFault
from rag.sources import markup
from rag.sources.charset import clean, decode
from rag.sources.links import absolute
from rag.sources.office import counted
from rag.sources.pictures import behind
from rag.sources.webpage import read_webpage
from rag.types import Page

Extract = Callable[[bytes, str, str], Page]
"""(content, name, media type) -> the page an attachment holds. Raises SourceFault."""
_HEADS = ("From", "To", "Cc", "Date", "Subject")
_DEPTH = 3  # mails within mails


def read_mail(content: bytes, uri: str, extract: Extract, depth: int = 0) -> Page:
    """The heads that a reader sees, the text, and after it what each attachment that can be read holds."""
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("plain", "html"))
    said = _text(body, uri) if body is not None else ""
    heads = {name: str(message[name]) for name in _HEADS if message[name]}
    attached = [] if depth > _DEPTH else list(_attachments(message))
    return _page(uri, heads, said, attached, lambda each: extract(*each) if depth < _DEPTH else Page(uri, ""))


def read_msg(content: bytes, uri: str, extract: Extract) -> Page:
    """The same of a mail that Outlook saved."""
    from oxmsg import Message

    try:
        message = Message.load(io.BytesIO(content))
        heads = {"From": message.sender or "", "Subject": message.subject or ""}
        heads["To"] = ", ".join(f"{one.name} <{one.email_address}>" for one in message.recipients)
        heads["Date"] = message.sent_date.isoformat(" ", "minutes") if message.sent_date else ""
        said = message.body or markup.flatten(message.html_body or "")
        attached = [(one.file_bytes or b"", one.file_name or "attachment", "") for one in message.attachments]
    except Exception as error:  # the library trusts the file to be whole
        raise SourceFault(f"{uri} is damaged and cannot be read ({error}). Save the mail again as .eml.") from error
    return _page(uri, {name: told for name, told in heads.items() if told}, said, attached, lambda each: extract(*each))


def read_mht(content: bytes, uri: str) -> Page:
    """The web page that a browser saved whole, by its own address."""
    message = email.message_from_bytes(content, policy=email.policy.default)
    for part in message.walk():
        if part.get_content_type() in ("text/html", "application/xhtml+xml"):
            place = str(part["Content-Location"] or uri)
            return replace(read_webpage(_decoded(part, uri), place, partial(_saved, message, place)), uri=uri)
    raise SourceFault(f"{uri} holds no web page. Save the page again in the browser, as a whole page or as PDF.")


def _saved(message: EmailMessage, place: str, src: str) -> bytes | None:
    """The picture that was saved with the page at `place`; None where it was not."""
    if src.startswith("data:"):
        return behind(src, "")
    wanted = {src, absolute(place, src)}
    for part in message.walk():
        if str(part["Content-Location"]) in wanted or f"cid:{str(part['Content-ID']).strip('<>')}" == src:
            raw = part.get_payload(decode=True)
            return raw if isinstance(raw, bytes) else None
    return None


def _page(
    uri: str,
    heads: dict[str, str],
    said: str,
    attached: list[tuple[bytes, str, str]],
    extract: Callable[[tuple[bytes, str, str]], Page],
) -> Page:
    parts = ["\n".join(f"{name}: {' '.join(value.split())}" for name, value in heads.items()), said.strip()]
    unread = 0
    for each in attached:
        try:
            parts.append(f"Attachment: {each[1]}\n{extract(each).text.strip()}")
        except SourceFault:
            unread += 1
    return Page(
        uri,
        clean("\n\n".join(filter(None, parts))),
        title=heads.get("Subject", ""),
        author=heads.get("From", ""),
        date=_date(heads.get("Date", "")),
        left_out=counted(unread, "attachment"),
    )


def _text(part: MIMEPart, uri: str) -> str:
    text = _decoded(part, uri)
    return markup.flatten(text) if part.get_content_subtype() == "html" else text


def _decoded(part: MIMEPart, uri: str) -> str:
    raw, is_markup = part.get_payload(decode=True), part.get_content_subtype() != "plain"
    return decode(raw if isinstance(raw, bytes) else b"", part.get_content_charset() or "", uri=uri, markup=is_markup)


def _attachments(message: EmailMessage) -> Iterator[tuple[bytes, str, str]]:
    for part in message.iter_attachments():
        if part.get_content_type() == "message/rfc822":
            inner = part.get_content()
            yield inner.as_bytes(), str(inner["Subject"] or "mail") + ".eml", "message/rfc822"
        elif isinstance(raw := part.get_payload(decode=True), bytes):
            yield raw, part.get_filename() or "attachment", part.get_content_type()


def _date(said: str) -> str:
    try:
        return parsedate_to_datetime(said).date().isoformat()
    except ValueError:
        return said[:10] if said[:4].isdecimal() else ""
