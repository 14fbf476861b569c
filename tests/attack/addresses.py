"""Addresses of this machine and its network in every spelling, and what only looks like a web address."""

from functools import partial

from indexes.gather import Asking, gather
from indexes.recipe import Crawl, Feed, FetchPart, Sitemap, Source
from rag.sources.manners import Manners
from rag.sources.page_cache import PageCache
from rag.sources.visit import Visitor
from rag.types import Page
from tests.attack.ground import Case, Ground, refusal
from tests.sources.local_site import redirect, send
from tests.sources.made_sources import SENTENCES, article_html

HOSTS = {  # of this machine
    "dotted": "127.0.0.1", "two parts": "127.1", "three parts": "127.0.1", "decimal": "2130706433",
    "hexadecimal": "0x7f000001", "hexadecimal parts": "0x7f.0.0.1", "octal": "017700000001",
    "octal parts": "0177.0.0.1",
    "mixed": "0x7f.1", "leading zeros": "127.000.000.001", "another loopback": "127.8.9.10", "zero": "0",
    "zeros": "0.0.0.0", "trailing dot": "127.0.0.1.", "name": "localhost", "capitals": "LOCALHOST",
    "name with a dot": "localhost.", "subdomain": "a.localhost", "percent": "%31%32%37.0.0.1",
    "full width": "１２７.０.０.１", "circled": "①②⑦.⓪.⓪.①", "ideographic dots": "127。0。0。1",
    "full width dots": "127．0．0．1", "IPv6": "[::1]", "IPv6 long": "[0:0:0:0:0:0:0:1]", "IPv6 any": "[::]",
    "mapped": "[::ffff:127.0.0.1]", "mapped hexadecimal": "[::ffff:7f00:1]", "compatible": "[::127.0.0.1]",
    "translated": "[::ffff:0:127.0.0.1]", "NAT64": "[64:ff9b::127.0.0.1]", "6to4": "[2002:7f00:1::]",
    "Teredo": "[2001:0:808:808:0:0:80ff:fffe]", "zone": "[fe80::1%25lo]", "IPvFuture": "[v1.127]",
}  # fmt: skip
NEARBY = {  # of its network and its cloud
    "class A": "10.0.0.1", "class B": "172.16.0.1", "class C": "192.168.1.1", "class C decimal": "3232235777",
    "carrier": "100.64.0.1", "link": "169.254.1.1", "cloud metadata": "169.254.169.254",
    "cloud metadata decimal": "2852039166", "cloud metadata mapped": "[::ffff:169.254.169.254]",
    "cloud metadata IPv6": "[fd00:ec2::254]", "Alibaba": "100.100.100.200", "Azure": "168.63.129.16",
    "name of metadata": "metadata.google.internal", "unique local": "[fd12::1]", "link local": "[fe80::1]",
    "site local": "[fec0::1]", "multicast": "224.0.0.1", "multicast IPv6": "[ff02::1]", "broadcast": "255.255.255.255",
    "benchmark": "198.18.0.1", "documentation": "192.0.2.1", "reserved": "240.0.0.1",
    "mapped private": "[::ffff:10.0.0.1]",
}  # fmt: skip
FORMS = {  # other parts of an address
    "user": "http://user@{inside}/", "user and password": "http://a:lantern@{inside}/",
    "host as user": "http://example.org@{inside}/", "host and port as user": "http://example.org:80@{inside}/",
    "backslash": "http://example.org\\@{inside}/", "backslash the other way": "http://{inside}\\@example.org/",
    "fragment": "http://{inside}#@example.org/", "query": "http://{inside}?@example.org/",
    "tab": "http://127.0.0\t.1:{port}/", "line": "http://127.0.0.1\r\nHost: example.org:{port}/",
    "null": "http://127.0.0.1%00.example.org:{port}/", "space": "http:// {inside}/", "no slashes": "http:{inside}/",
    "three slashes": "http:///{inside}/", "no scheme": "//{inside}/", "TLS": "https://{inside}/",
    "capital scheme": "HTTP://{inside}/", "port too large": "http://127.0.0.1:99999/",
    "port below zero": "http://127.0.0.1:-1/", "port of letters": "http://127.0.0.1:http/", "no host": "http://",
    "open bracket": "http://[", "half a bracket": "http://[::1/x", "no Punycode": "http://xn--a.example/",
    "sign that is no letter": "https://\u2100.example/", "long label": f"http://{'a' * 64}.example/",
    "long name": f"http://{'a.' * 200}example/", "empty label": "http://a..example/", "not there": "http://nowhere.invalid/",
    "file": "file:///etc/passwd", "file of a host": "file://127.0.0.1/etc/passwd", "ftp": "ftp://127.0.0.1/",
    "gopher": "gopher://{inside}/_GET%20/", "dict": "dict://{inside}/", "ldap": "ldap://{inside}/",
    "data": "data:text/html,<p>7731</p>", "script": "javascript:alert(1)", "archive": "jar:http://{inside}/!/",
    "view-source": "view-source:http://{inside}/", "socket": "http+unix://%2Fvar%2Frun%2Fdocker.sock/",
    "blank": "   ", "dots": "http://../",
}  # fmt: skip
SPELLED = {
    **{f"this machine, {name}": f"http://{host}:{{port}}/" for name, host in HOSTS.items()},
    **{f"nearby, {name}": f"http://{host}/" for name, host in NEARBY.items()},
    **FORMS,
}


def _fetched(address: str, ground: Ground) -> str:
    from rag.errors import SourceFault
    from rag.sources.edge import one_source, shown
    from rag.sources.fetch import fetch

    try:
        with one_source(address):
            fetched = fetch(ground.fill(address), ground.config)
    except SourceFault as fault:
        told = str(fault)
        assert "lantern" not in told, "a password is repeated"
        assert "cannot be read (" not in told, f"no sentence of its own: {told}"
        return shown(told)
    raise AssertionError(f"{address} was fetched: {fetched.content[:60]!r}")


def _redirected(address: str, ground: Ground) -> str:
    ground.site.pages["/away"] = redirect(ground.fill(address).encode().decode("latin-1"))
    return refusal(ground.site.url("/away"), ground.config)


# What a header cannot carry as it stands, or what leads back to the site itself.
_NO_LOCATION = ("blank", "line", "null", "no slashes", "view-source", "script", "data", "archive")


def _listed(kind: str, ground: Ground) -> str:
    """All addresses at once, among one that is good."""
    site, good = ground.site, ground.site.url("/docs/good")
    bad = [ground.fill(address) for name, address in SPELLED.items() if name not in ("line", "blank", "tab")]
    site.pages["/docs/good"] = send(article_html("utf-8", SENTENCES))
    escaped = [address.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;") for address in [*bad, good]]
    locs = "".join(f"<url><loc>{address}</loc></url>" for address in escaped)
    items = "".join(f"<item><link>{address}</link></item>" for address in escaped)
    links = "".join(f'<a href="{address}">{address}</a> ' for address in escaped)
    site.pages["/map.xml"] = send(f"<urlset>{locs}</urlset>".encode(), "text/xml")
    site.pages["/feed"] = send(f'<rss version="2.0"><channel>{items}</channel></rss>'.encode(), "text/xml")
    site.pages["/docs/"] = send(article_html("utf-8", SENTENCES[::-1]).replace(b"<nav>", f"{links}<nav>".encode()))
    sources: dict[str, Source] = {
        "sitemap": Sitemap("sitemap", site.url("/map.xml")),
        "feed": Feed("feed", site.url("/feed")),
        "crawl": Crawl("crawl", site.url("/docs/"), depth=2),
    }
    if kind == "live web":
        visitor = Visitor(ground.config, Manners(ground.config), PageCache(ground.folder / "cache"), delay=0.0)
        seen = dict(visitor.visit([*bad, good]))
        read = [address for address, page in seen.items() if isinstance(page, Page)]
        failed = len(seen) - len(read)
    else:
        found = list(gather(sources[kind], {}, Asking(ground.config, FetchPart(delay=0.0))))
        read = [one.address for one in found if one.status == "changed" and one.address != site.url("/docs/")]
        failed = sum(one.status in ("failed", "gone") for one in found)
    assert good in read and all(address.startswith(site.url("/")) for address in read), f"read: {read}"
    return f"{failed} of {len(bad)} listed addresses told, the good one read"


CASES = [
    *(Case("addresses", name, partial(_fetched, address)) for name, address in SPELLED.items()),
    *(
        Case("redirects", name, partial(_redirected, address))
        for name, address in SPELLED.items()
        if name not in _NO_LOCATION
    ),
    *(Case("lists", kind, partial(_listed, kind)) for kind in ("sitemap", "feed", "crawl", "live web")),
]
