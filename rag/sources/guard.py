"""Which addresses may be fetched, and a transport that connects to nothing else.

The check is made on the addresses a name resolves to, at the moment of connecting, and the socket is
opened to exactly the address that was checked: a name that answers differently the second time
(DNS rebinding) gains nothing. Every redirect connects anew, so it is checked anew.

safehttpx 0.2.0 was looked at and not used: it is async only, takes the first public address where a
name also has private ones, and asks a public DNS service when the system's resolver gives none.
"""

import ipaddress
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import httpcore
import httpx

from rag.errors import SourceFault

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052
_SITE_LOCAL = ipaddress.ip_network("fec0::/10")  # RFC 3879, deprecated and never routed
# Reachable only from inside its cloud, though it lies in public space: Azure's WireServer.
_CLOUD_INTERNAL = frozenset({ipaddress.ip_address("168.63.129.16")})


def is_public(address: Address) -> bool:
    """Whether the address is on the open internet; an IPv4 address wrapped in IPv6 is judged unwrapped."""
    inner = _unwrapped(address)
    if inner is not None:
        return is_public(inner)
    return (
        address.is_global  # refuses private, loopback, link-local, 100.64/10, unspecified, documentation
        and not (address.is_multicast or address.is_reserved)
        and address not in _CLOUD_INTERNAL
        and address not in _SITE_LOCAL
    )


def _unwrapped(address: Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address inside an IPv4-mapped, 6to4, Teredo or NAT64 address."""
    if not isinstance(address, ipaddress.IPv6Address):
        return None
    if address.ipv4_mapped or address.sixtofour:
        return address.ipv4_mapped or address.sixtofour
    if address.teredo:
        return address.teredo[1]
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def resolve(host: str, port: int) -> list[Address]:
    """Every address of `host`, in the resolver's order. Raises SourceFault where it has none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise SourceFault(
            f"The name {host} has no address here ({error}). Check its spelling and the network."
        ) from error
    # A scope ("fe80::1%eth0") says which card, not which address.
    texts = dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found)
    return [ipaddress.ip_address(text) for text in texts]


def checked(host: str, port: int, allow_hosts: Sequence[str]) -> list[Address]:
    """The addresses of `host` that may be connected to. Raises SourceFault if any of them is not public.

    One private address among public ones refuses the whole name: an honest site has no such mixture.
    """
    addresses = resolve(host, port)
    if is_allowed(host, port, allow_hosts):
        return addresses
    for address in addresses:
        if not is_public(address):
            raise SourceFault(
                f"{host} answers with {address}, which is not a public address. "
                f"To allow it, add the host to fetch.allow_hosts: {host}:{port}"
            )
    return addresses


def is_allowed(host: str, port: int, allow_hosts: Sequence[str]) -> bool:
    """Whether `allow_hosts` names this host, with this port or with none."""
    for entry in allow_hosts:
        bare_ipv6 = entry.count(":") > 1 and not entry.startswith("[")
        url = httpx.URL(f"http://[{entry}]" if bare_ipv6 else f"http://{entry}")
        # httpx drops ":80" as the scheme's own port, so it is looked for in the text.
        named_port = url.port or (80 if entry.endswith(":80") and not bare_ipv6 else None)
        if url.raw_host.decode("ascii").strip("[]").lower() == host.strip("[]").lower() and named_port in (None, port):
            return True
    return False


class GuardedTransport(httpx.BaseTransport):
    """HTTP/1.1 to checked addresses only, everything over before `deadline` (of time.monotonic())."""

    def __init__(self, allow_hosts: Sequence[str], deadline: float) -> None:
        # With no ssl_context given, httpcore makes its verifying one (certifi's roots) for the first https connection.
        self._pool = httpcore.ConnectionPool(network_backend=_GuardedBackend(allow_hosts, deadline))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        assert isinstance(request.stream, httpx.SyncByteStream)
        response = self._pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        assert isinstance(response.stream, Iterable)
        return httpx.Response(
            response.status,
            headers=response.headers,
            stream=_Body(response.stream, response.close),
            extensions=response.extensions,
        )

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, pieces: Iterable[bytes], close: Callable[[], None]) -> None:
        self._pieces = pieces
        self._close = close

    def __iter__(self) -> Iterator[bytes]:
        yield from self._pieces

    def close(self) -> None:
        self._close()


class _GuardedBackend(httpcore.NetworkBackend):
    """Opens sockets to checked addresses. TLS still sees the host's name, so its certificate is verified as usual."""

    def __init__(self, allow_hosts: Sequence[str], deadline: float) -> None:
        self._allow_hosts = allow_hosts
        self._deadline = deadline
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = checked(host, port, self._allow_hosts)
        for address in addresses[:-1]:
            try:
                return self._open(str(address), port, local_address, socket_options)
            except httpcore.ConnectError:
                continue  # the name has another address; the last one's error is the one shown
        return self._open(str(addresses[-1]), port, local_address, socket_options)

    def _open(
        self, address: str, port: int, local_address: str | None, socket_options: Iterable[Any] | None
    ) -> httpcore.NetworkStream:
        stream = self._sockets.connect_tcp(address, port, _left(self._deadline), local_address, socket_options)
        return _TimedStream(stream, self._deadline)


class _TimedStream(httpcore.NetworkStream):
    """Bounds every read and write by one deadline, so a server that drips bytes is cut off too."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._deadline))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: object, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        inner = self._stream.start_tls(ssl_context, server_hostname, _left(self._deadline))  # type: ignore[arg-type]
        return _TimedStream(inner, self._deadline)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the time for this fetch is used up")
    return left
