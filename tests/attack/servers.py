"""Servers that lie, drag, flood and lead astray. Each is a real one; its address was allowed, its manners were not."""

import gzip
import socket
import struct
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler

from rag.sources.ingest import read
from tests.attack.ground import SECRET, Case, Ground, harmless, refusal
from tests.sources import made_sources as made
from tests.sources.local_site import Answer, bomb, drip, flood, redirect, send
from tests.sources.made_sources import SENTENCES

ARTICLE = made.article_html("utf-8", SENTENCES)
WORD = SENTENCES[0]
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"


def raw(*pieces: bytes) -> Answer:
    """These bytes and no others, then the end."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        for piece in pieces:
            request.wfile.write(piece)
        request.close_connection = True

    return answer


def again(first: bytes, piece: bytes, pause: float = 0.0, times: int = 200_000) -> Answer:
    """`piece` for ever, or as good as."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(first)
        for _ in range(times):
            request.wfile.write(piece)
            time.sleep(pause)
        request.close_connection = True

    return answer


def silent(request: BaseHTTPRequestHandler) -> None:
    time.sleep(5)
    request.close_connection = True


def cut(request: BaseHTTPRequestHandler) -> None:
    """The line is cut in the middle of the body (RST)."""
    request.wfile.write(OK + b"Content-Length: 100000\r\n\r\n" + ARTICLE)
    request.wfile.flush()
    request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    request.connection.close()
    request.close_connection = True


def onward(request: BaseHTTPRequestHandler) -> None:
    redirect(f"{request.path}?x" if "?" not in request.path else f"{request.path}x")(request)


def cookie(request: BaseHTTPRequestHandler) -> None:
    """Shows its article to whoever brings its cookie back."""
    known = request.headers.get("Cookie") or request.headers.get("Authorization")
    (send(ARTICLE) if known else send(b"", status=302, Set_Cookie="id=1", Location="/attack"))(request)


@dataclass(frozen=True, slots=True)
class Inward:
    """An answer that leads to the server inside, by its host and port."""

    made: Callable[[str], Answer]


def packed(window: int, megabytes: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, window)
    return b"".join(packer.compress(b"a" * 1_000_000) for _ in range(megabytes)) + packer.flush()


def with_head(inside: str) -> Answer:
    return send(ARTICLE.replace(b"<head>", f"<head>{inside}".encode()))


CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
MEASURED = b"Content-Length: %d\r\n\r\n" % len(ARTICLE)
NOTICE = "<html><body>{}</body></html>"
REFUSED: dict[str, Answer | Inward] = {
    "body by drops": drip(5),
    "headers by drops": again(OK, b"X-A: b\r\n", 0.05, 100),
    "status line by drops": again(b"HTTP/1.1 200 O", b"K", 0.05, 100),
    "never a word": silent,
    "endless body": flood,
    "endless chunks": again(CHUNKED, b"4000\r\n" + b"x" * 0x4000 + b"\r\n"),
    "endless small chunks": again(CHUNKED, b"1\r\nx\r\n", 0.02, 200),
    "endless headers": again(OK, b"X-Header: " + b"a" * 1000 + b"\r\n"),
    "one header without end": again(OK + b"X-Long: ", b"a" * 4096),
    "endless interim replies": again(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", 0.0, 400_000),
    "gzip bomb": bomb(50),
    "deflate bomb": send(packed(15, 50), Content_Encoding="deflate"),
    "bare deflate bomb": send(packed(-15, 50), Content_Encoding="deflate"),
    "bomb within a bomb": send(gzip.compress(packed(31, 200)), Content_Encoding="gzip, gzip"),
    "many small gzips": send(gzip.compress(b"a" * 100_000) * 40, Content_Encoding="gzip"),
    "encoding nobody asked for": send(b"\x0b\x02\x80hello\x03", Content_Encoding="br"),
    "encoding that is none": send(ARTICLE, Content_Encoding="x" * 500),
    "no gzip": send(ARTICLE, Content_Encoding="gzip"),
    "gzip cut short": send(gzip.compress(ARTICLE * 50)[:-20], Content_Encoding="gzip"),
    "length of 200 GB": send(b"start", Content_Length="200000000000"),
    "length below zero": raw(OK, b"Content-Length: -5\r\n\r\n", ARTICLE),
    "length of letters": raw(OK, b"Content-Length: many\r\n\r\n", ARTICLE),
    "two lengths": raw(OK, b"Content-Length: 5\r\nContent-Length: 90\r\n\r\n", ARTICLE),
    "longer than its body": raw(OK, b"Content-Length: 90000\r\n\r\n", ARTICLE),
    "chunk without end": raw(CHUNKED, b"ffffffffffffffffffff\r\nx"),
    "chunk below zero": raw(CHUNKED, b"-5\r\nhello\r\n0\r\n\r\n"),
    "chunk of letters": raw(CHUNKED, b"zz\r\nhello\r\n0\r\n\r\n"),
    "chunks cut short": raw(CHUNKED, b"5\r\nhel"),
    "line cut in the body": cut,
    "line cut at once": raw(b""),
    "half a status line": raw(b"HTTP/1.1 2"),
    "another protocol": raw(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "no headers": raw(b"<html><body>7731</body></html>"),
    "status of letters": raw(b"HTTP/1.1 abc OK\r\n\r\n"),
    "status without meaning": raw(b"HTTP/1.1 999 Denied\r\nContent-Length: 2\r\n\r\nno"),
    "status that steers a terminal": raw(b"HTTP/1.1 418 \x1b[31mI am\x1b]0;owned\x07\r\nContent-Length: 0\r\n\r\n"),
    "protocol switched": raw(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", ARTICLE),
    "header without a name": raw(OK, b": nothing\r\n\r\n", ARTICLE),
    "header with a null": raw(OK, b"X-A: a\x00b\r\n\r\n", ARTICLE),
    "headers cut short": raw(OK, b"Content-Le"),
    "no content": send(b"", status=204),
    "nothing in it": send(b""),
    "unchanged, to a stranger": send(b"", status=304),
    "wants a login": send(b"", status=401, WWW_Authenticate='Basic realm="x"'),
    "wants a proxy login": send(b"", status=407, Proxy_Authenticate="Basic"),
    "wants to be paid": send(b"pay", status=402),
    "refuses": send(b"no", status=403),
    "gone": send(b"gone", status=410),
    "busy for an hour": send(b"", status=429, Retry_After="3600"),
    "busy until words": send(b"", status=503, Retry_After="\\x1b[2J tomorrow"),
    "redirects to itself": redirect("/attack"),
    "redirects on and on": onward,
    "redirects to the server inside": Inward(lambda host: redirect(f"http://{host}/")),
    "redirects nowhere": send(b"moved", status=302),
    "asks for its cookie": cookie,
    "robots' test": send(NOTICE.format("<h1>Just a moment...</h1><p>Verify you are a human.</p>").encode()),
    "page for scripts": send(NOTICE.format("<noscript>Please enable JavaScript to run this app.</noscript>").encode()),
    "out of order": send(NOTICE.format("<h1>The site is under maintenance</h1><p>Back soon.</p>").encode()),
    "wall": send(NOTICE.format("<p>Please log in to continue reading.</p>").encode()),
    "not found that says found": send(NOTICE.format("<h1>404</h1><p>The page was not found.</p>").encode()),
    "program called a page": send(b"\x7fELF\x02\x01\x01" + b"\x00" * 300, "text/html"),
    "archive called a page": send(gzip.compress(ARTICLE), "text/html"),
    "film called a page": send(b"\x00\x00\x00\x18ftypmp42" + b"\x00" * 300, "text/html"),
    "database called a page": send(b"SQLite format 3\x00" + b"\x00" * 300, "text/html"),
    "damaged zip called a page": send(b"PK\x03\x04" + b"x" * 300, "text/html"),
    "damaged PDF": send(b"%PDF-1.7\n" + b"x" * 300, "application/pdf"),
}
READ: dict[str, Answer | Inward] = {  # harmless once it is bounded, and worth reading
    "shorter than its body": raw(OK, b"Content-Length: %d\r\n\r\n" % len(ARTICLE), ARTICLE, SECRET),
    "second reply behind the first": raw(
        OK, b"Content-Length: %d\r\n\r\n" % len(ARTICLE), ARTICLE, OK, b"\r\n", SECRET
    ),
    "length and chunks": raw(
        OK,
        b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"%x\r\n%s\r\n0\r\n\r\n" % (len(ARTICLE), ARTICLE),
    ),
    "3,000 headers": raw(OK, b"".join(b"X-%d: a\r\n" % at for at in range(3000)), b"\r\n", ARTICLE),
    "type that is none": send(ARTICLE, "\\x00;;;charset"),
    "page called a picture": send(ARTICLE, "image/png"),
    "PDF called a page": send(made.pdf([[(72, 700, WORD)]]), "text/html"),
    "charset hex": send(ARTICLE + b"\xe9", "text/html; charset=hex"),
    "charset idna": send(ARTICLE + b"\xe9", "text/html; charset=idna"),
    "charset undefined": send(ARTICLE + b"\xe9", "text/html; charset=undefined"),
    "sends on to the server inside, in a header": Inward(lambda host: send(ARTICLE, Refresh=f"0; url=http://{host}/")),
    "sends on to the server inside, in a tag": Inward(
        lambda host: with_head(f"<meta http-equiv=refresh content='0;url=http://{host}/'><base href='http://{host}/'>")
    ),
    "frames, pictures and styles inside": Inward(
        lambda host: with_head(
            f"<link rel=stylesheet href='http://{host}/'><script src='http://{host}/'></script>"
            f"<iframe src='http://{host}/'></iframe><object data='http://{host}/'></object><img src='http://{host}/'>"
        )
    ),
    "entities from the server inside": Inward(
        lambda host: send(f"<!DOCTYPE html [<!ENTITY x SYSTEM 'http://{host}/'>]>".encode() + ARTICLE + b"&x;")
    ),
    "trailing rubbish after gzip": send(gzip.compress(ARTICLE) + b"\0" * 500, Content_Encoding="gzip"),
    "remembers, and is not remembered": send(ARTICLE, Set_Cookie="id=1; Max-Age=99999", ETag='"x' + "y" * 3000 + '"'),
}


def _offered(answer: Answer | Inward, ground: Ground) -> str:
    """The address at which it is."""
    made = answer.made(ground.inside.host) if isinstance(answer, Inward) else answer
    ground.site.pages.clear()
    ground.site.pages["/attack"] = made
    return ground.site.url("/attack")


def _refused(answer: Answer | Inward, ground: Ground) -> str:
    return refusal(_offered(answer, ground), ground.config)


def _read(answer: Answer | Inward, ground: Ground) -> str:
    return harmless(read(_offered(answer, ground), ground.config), WORD)


def _cases(
    kind: str, tried: Callable[[Answer | Inward, Ground], str], answers: dict[str, Answer | Inward]
) -> list[Case]:
    return [Case(kind, name, partial(tried, answer)) for name, answer in answers.items()]


CASES = [*_cases("servers", _refused, REFUSED), *_cases("servers, read", _read, READ)]
