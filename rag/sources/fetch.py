"""One URL -> its bytes, within limits of address, size, time and redirects."""

import time
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import httpcore
import httpx

from rag.config import FetchConfig
from rag.errors import GoneFault, SourceFault
from rag.sources.guard import GuardedTransport

_PIECE = 1 << 16


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a URL answered. `url` is where the redirects ended; `charset` is the declared one or "";
    `content` is decompressed; `read_at` is UTC, ISO 8601 to the second. `etag` and `last_modified` are the server's,
    or "": given to `fetch_changed`, they spare the next reading."""

    url: str
    media_type: str
    charset: str
    content: bytes
    read_at: str
    etag: str = ""
    last_modified: str = ""


def fetch(url: str, config: FetchConfig, accept: str = "") -> Fetched:
    """GET `url`, following redirects. Raises SourceFault naming the URL, what happened and the remedy; GoneFault, which
    is one, where the server says that it has no such page.

    `accept` asks for other media types than those of pages and PDFs first.
    Proxies and .netrc of the environment are not used (trust_env=False): behind a proxy it is the proxy
    that resolves the name, so the address could not be checked. The time limit covers everything but
    the system resolver, which has a limit of its own.
    """
    fetched = _asked(url, config, {"Accept": accept} if accept else {})
    if fetched is None:
        raise SourceFault(f"{url} answers 304 Not Modified to a reader that has never read it. Try again later.")
    return fetched


def fetch_changed(url: str, config: FetchConfig, etag: str = "", last_modified: str = "") -> Fetched | None:
    """As `fetch`; None where the server says (304) that nothing has changed since it gave these two."""
    known = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    return _asked(url, config, {name: value for name, value in known.items() if value})


def _asked(url: str, config: FetchConfig, headers: dict[str, str]) -> Fetched | None:
    try:
        return _fetch(url, config, headers)
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError) as error:  # the last: of a name like "xn--a"
        raise SourceFault(f"{url} is not a web address ({error}). Write it as https://…") from error
    except httpcore.TimeoutException as error:
        raise SourceFault(
            f"{url} was not read within {config.timeout_seconds:g} seconds. "
            "Try again later, or raise fetch.timeout_seconds."
        ) from error
    except (httpx.HTTPError, httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise SourceFault(
            f"{url} could not be read: {error or type(error).__name__}. Check that it opens in a browser; "
            "if it does, save the page and add the file."
        ) from error


def _fetch(url: str, config: FetchConfig, asked: dict[str, str]) -> Fetched | None:
    deadline = time.monotonic() + config.timeout_seconds
    headers = {
        "User-Agent": config.user_agent,
        "Accept": "text/html,application/xhtml+xml,application/pdf;q=0.9,*/*;q=0.8",
        "Accept-Encoding": "gzip, deflate",
    }
    transport = GuardedTransport(config.allow_hosts, deadline)
    with httpx.Client(transport=transport, headers=headers, trust_env=False, follow_redirects=False) as client:
        request = client.build_request("GET", url, headers=asked)
        for _ in range(config.max_redirects + 1):
            _check_address(request.url)
            response = client.send(request, stream=True)
            try:
                if response.status_code == 304:
                    return None
                if response.next_request is None:
                    return _read(response, config)
                request = response.next_request
                request.headers.pop("Cookie", None)  # httpx would take what it was given on the way along
            finally:
                response.close()
    raise SourceFault(
        f"{url} redirects more than {config.max_redirects} times. Open it in a browser and add the address it ends at."
    )


def _check_address(url: httpx.URL) -> None:
    if url.scheme not in ("http", "https") or not url.host:
        raise SourceFault(f"{url} is not an http or https address; only those are fetched. Write it as https://…")
    if url.userinfo:
        bare = url.copy_with(username=None, password=None)
        raise SourceFault(
            f"The address {bare} came with a password in it, which would be stored with the page. "
            "Save the page as a file and add that."
        )


def _read(response: httpx.Response, config: FetchConfig) -> Fetched:
    url = str(response.url.copy_with(fragment=None))
    if not response.is_success:
        kind = GoneFault if response.status_code in (404, 410) else SourceFault
        phrase = "".join(filter(str.isprintable, response.reason_phrase))[:60]  # a stranger's words
        raise kind(f"{url} answers {response.status_code} {phrase}. {_remedy(response)}")
    limit = int(config.max_megabytes * 1e6)
    declared = response.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise _too_large(url, config)
    pieces: list[bytes] = []
    size = 0
    for piece in _decompressed(url, response.iter_raw(_PIECE), response.headers.get("content-encoding", "")):
        size += len(piece)
        if size > limit:
            raise _too_large(url, config)
        pieces.append(piece)
    return Fetched(
        url=url,
        media_type=response.headers.get("content-type", "").partition(";")[0].strip().lower(),
        charset=response.charset_encoding or "",
        content=b"".join(pieces),
        read_at=datetime.now(UTC).isoformat(timespec="seconds"),
        etag=response.headers.get("etag", ""),
        last_modified=response.headers.get("last-modified", ""),
    )


def _remedy(response: httpx.Response) -> str:
    match response.status_code:
        case 404 | 410:
            return "Check the address: the page is not there."
        case 401 | 402 | 403 | 407 | 451:
            return "It wants a login or refuses readers like this one; save the page in a browser and add the file."
        case 429 | 500 | 502 | 503 | 504:
            wait = response.headers.get("retry-after", "")
            return f"It asks to wait {wait} seconds; try again then." if wait.isdigit() else "Try again later."
        case _:
            return "Open it in a browser; if it shows there, save the page and add the file."


def _too_large(url: str, config: FetchConfig) -> SourceFault:
    return SourceFault(
        f"{url} is larger than {config.max_megabytes:g} MB. Raise fetch.max_megabytes, or add a part of it as a file."
    )


def _decompressed(url: str, pieces: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Undo Content-Encoding at most 64 KiB at a time, so that a small bomb never becomes a large string.

    httpx would do it unbounded, and for encodings that were not asked for.
    """
    encodings = [name.strip().lower() for name in encoding.split(",") if name.strip().lower() not in ("", "identity")]
    if not encodings:
        yield from pieces
        return
    if encodings not in (["gzip"], ["x-gzip"], ["deflate"]):
        raise SourceFault(
            f"{url} sends its content as '{encoding}', which was not asked for. Save the page in a browser "
            "and add the file."
        )
    unpacker = None
    for piece in pieces:
        while piece:
            if unpacker is None or unpacker.eof:  # gzip may consist of several members
                unpacker = zlib.decompressobj(wbits=_window(encodings[0], piece))
            try:
                yield unpacker.decompress(piece, _PIECE)
            except zlib.error as error:
                raise SourceFault(f"{url} sends damaged {encodings[0]} data ({error}). Try again later.") from error
            piece = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
            if unpacker.eof and not piece.startswith(b"\x1f\x8b"):
                return  # some servers pad the end; browsers read past it too
    if unpacker is not None and not unpacker.eof:
        yield unpacker.flush()  # at most one unfinished copy, 258 bytes
    if unpacker is not None and not unpacker.eof:
        raise SourceFault(f"{url} broke off before its end. Try again later.")


def _window(encoding: str, start: bytes) -> int:
    """zlib's wbits. Some servers send "deflate" without the zlib header that RFC 9110 asks for."""
    if encoding != "deflate":
        return 16 + zlib.MAX_WBITS
    has_header = len(start) > 1 and start[0] & 0x0F == 8 and (start[0] << 8 | start[1]) % 31 == 0
    return zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS
