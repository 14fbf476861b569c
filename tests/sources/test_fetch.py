import gzip
import zlib
from ipaddress import ip_address

import pytest

from rag.config import FetchConfig
from rag.errors import SourceFault
from rag.sources.fetch import fetch
from rag.sources.guard import checked, is_allowed, is_public
from tests.sources.local_site import Site, bomb, drip, flood, redirect, send

REFUSED = (
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fc00::1",
    "fd00:ec2::254",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
    "::ffff:10.0.0.1",
    "::ffff:127.0.0.1",
    "64:ff9b::10.0.0.1",
    "64:ff9b:1::1",
    "2002:a00:1::1",
    "2002:7f00:1::",
)


@pytest.mark.parametrize("address", REFUSED)
def test_address_inside_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1"]
)
def test_address_on_the_internet_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433", "0x7f.1", "::1", "017700000001"])
def test_the_resolved_address_decides_not_the_spelling(host: str) -> None:
    with pytest.raises(SourceFault, match="not a public address"):
        checked(host, 80, ())


@pytest.mark.parametrize(
    ("entry", "host", "port", "allowed"),
    [
        ("intranet", "intranet", 80, True),
        ("Intranet", "intranet", 8080, True),
        ("intranet:8080", "intranet", 8080, True),
        ("intranet:8080", "intranet", 80, False),
        ("intranet:80", "intranet", 80, True),
        ("intranet:80", "intranet", 443, False),
        ("tranet", "intranet", 80, False),
        ("::1", "::1", 80, True),
        ("[::1]:8080", "::1", 8080, True),
        ("[::1]:8080", "::1", 80, False),
        ("münchen.example", "xn--mnchen-3ya.example", 443, True),
    ],
)
def test_allow_hosts_names_a_host_or_a_host_and_port(entry: str, host: str, port: int, allowed: bool) -> None:
    assert is_allowed(host, port, (entry,)) is allowed


def test_fetch_gives_content_and_what_was_declared(site: Site) -> None:
    site.pages["/a"] = send("灯塔".encode("gbk"), "Text/HTML; charset=GBK")
    fetched = fetch(site.url("/a#part"), FetchConfig(allow_hosts=(site.host,)))
    assert (fetched.url, fetched.media_type, fetched.charset.lower()) == (site.url("/a"), "text/html", "gbk")
    assert fetched.content == "灯塔".encode("gbk")
    assert fetched.read_at.endswith("+00:00")


def test_private_address_is_refused_and_the_remedy_named(site: Site) -> None:
    site.pages["/a"] = send(b"inside")
    with pytest.raises(SourceFault, match=rf"127\.0\.0\.1.*fetch\.allow_hosts: {site.host}"):
        fetch(site.url("/a"), FetchConfig())
    assert site.asked == []


def test_another_port_of_an_allowed_host_is_refused(site: Site) -> None:
    with pytest.raises(SourceFault, match="allow_hosts"):
        fetch(site.url("/a"), FetchConfig(allow_hosts=(f"127.0.0.1:{site.port + 1}",)))
    assert site.asked == []


def test_redirect_is_followed_and_the_last_url_kept(site: Site) -> None:
    site.pages["/old"] = redirect("/new?a=1")
    site.pages["/new?a=1"] = send(b"here")
    fetched = fetch(site.url("/old"), FetchConfig(allow_hosts=(site.host,)))
    assert (fetched.url, fetched.content) == (site.url("/new?a=1"), b"here")


def test_redirect_to_an_inside_address_is_refused(site: Site) -> None:
    """The first host is allowed by name; the one it leads to is the same machine under another name."""
    site.pages["/out"] = redirect(f"http://localhost:{site.port}/secret")
    site.pages["/secret"] = send(b"secret")
    with pytest.raises(SourceFault, match=r"localhost answers with .* not a public address"):
        fetch(site.url("/out"), FetchConfig(allow_hosts=(site.host,)))
    assert [path for path, _ in site.asked] == ["/out"]


def test_host_header_is_the_name_though_the_socket_goes_to_the_address(site: Site) -> None:
    site.pages["/a"] = send(b"ok")
    fetch(f"http://localhost:{site.port}/a", FetchConfig(allow_hosts=("localhost",)))
    assert site.asked == [("/a", f"localhost:{site.port}")]


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://example.org/a", "gopher://127.0.0.1/"])
def test_redirect_to_another_scheme_is_refused(site: Site, location: str) -> None:
    site.pages["/out"] = redirect(location)
    with pytest.raises(SourceFault, match="http"):
        fetch(site.url("/out"), FetchConfig(allow_hosts=(site.host,)))


def test_redirects_end(site: Site) -> None:
    site.pages["/loop"] = redirect("/loop")
    with pytest.raises(SourceFault, match="more than 3 times"):
        fetch(site.url("/loop"), FetchConfig(allow_hosts=(site.host,), max_redirects=3))
    assert len(site.asked) == 4


@pytest.mark.parametrize(
    ("status", "remedy"),
    [(404, "Check the address"), (403, "save the page"), (503, "Try again later"), (418, "browser")],
)
def test_status_is_named_with_its_remedy(site: Site, status: int, remedy: str) -> None:
    site.pages["/a"] = send(b"no", status=status)
    with pytest.raises(SourceFault, match=rf"{site.host}/a answers {status} .*{remedy}"):
        fetch(site.url("/a"), FetchConfig(allow_hosts=(site.host,)))


def test_a_page_that_drips_is_cut_off(site: Site) -> None:
    site.pages["/slow"] = drip(20)
    with pytest.raises(SourceFault, match=r"not read within 0\.5 seconds.*fetch\.timeout_seconds"):
        fetch(site.url("/slow"), FetchConfig(allow_hosts=(site.host,), timeout_seconds=0.5))


def test_declared_size_is_refused_before_the_body(site: Site) -> None:
    site.pages["/huge"] = send(b"start", "text/plain", Content_Length="200000000")
    with pytest.raises(SourceFault, match=r"larger than 1 MB.*fetch\.max_megabytes"):
        fetch(site.url("/huge"), FetchConfig(allow_hosts=(site.host,), max_megabytes=1))


def test_undeclared_size_is_refused_while_it_streams(site: Site) -> None:
    site.pages["/flood"] = flood
    with pytest.raises(SourceFault, match="larger than 1 MB"):
        fetch(site.url("/flood"), FetchConfig(allow_hosts=(site.host,), max_megabytes=1))


def test_gzip_bomb_is_refused_by_its_unpacked_size(site: Site) -> None:
    site.pages["/bomb"] = bomb(8)
    with pytest.raises(SourceFault, match="larger than 2 MB"):
        fetch(site.url("/bomb"), FetchConfig(allow_hosts=(site.host,), max_megabytes=2))


TEXT = b"lighthouse " * 5000
RAW = zlib.compressobj(wbits=-15)


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(TEXT)),
        ("x-gzip", gzip.compress(TEXT[:1000]) + gzip.compress(TEXT[1000:])),
        ("gzip", gzip.compress(TEXT) + b"\0" * 64),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", RAW.compress(TEXT) + RAW.flush()),
        ("identity", TEXT),
    ],
)
def test_content_encodings_are_undone(site: Site, encoding: str, body: bytes) -> None:
    site.pages["/a"] = send(body, "text/plain", Content_Encoding=encoding)
    assert fetch(site.url("/a"), FetchConfig(allow_hosts=(site.host,))).content == TEXT


@pytest.mark.parametrize(
    ("encoding", "body", "says"),
    [
        ("gzip", b"not gzip at all", "damaged gzip"),
        ("gzip", gzip.compress(TEXT)[:-20], "broke off"),
        ("zstd", b"whatever", "not asked for"),
    ],
)
def test_bad_content_encoding_is_a_fault(site: Site, encoding: str, body: bytes, says: str) -> None:
    site.pages["/a"] = send(body, "text/plain", Content_Encoding=encoding)
    with pytest.raises(SourceFault, match=says):
        fetch(site.url("/a"), FetchConfig(allow_hosts=(site.host,)))


@pytest.mark.parametrize(
    "url", ["example.org/a", "ftp://example.org/a", "file:///etc/passwd", "http://", "http://[::1"]
)
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(SourceFault, match="https://…"):
        fetch(url, FetchConfig())


def test_password_in_the_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(SourceFault) as caught:
        fetch("http://anna:lantern@127.0.0.1/a", FetchConfig(allow_hosts=("127.0.0.1",)))
    assert "password" in str(caught.value)
    assert "lantern" not in str(caught.value)


def test_unknown_name_is_a_fault() -> None:
    with pytest.raises(SourceFault, match=r"nowhere\.invalid has no address"):
        fetch("http://nowhere.invalid/", FetchConfig())


def test_closed_port_is_a_fault(site: Site) -> None:
    with pytest.raises(SourceFault, match="could not be read"):
        fetch("http://127.0.0.1:9/", FetchConfig(allow_hosts=("127.0.0.1",)))


def test_proxies_of_the_environment_are_not_used(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    site.pages["/a"] = send(b"direct")
    assert fetch(site.url("/a"), FetchConfig(allow_hosts=(site.host,))).content == b"direct"
