"""What the local web site shows: the invented town of Halverton (霁川), written for this project, in no index."""

import html

from tests.sources.made_sources import pdf

BRIDGE = (
    "The Lantern Bridge in Halverton was reopened to traffic on 12 March 2024 after eighteen months of repairs.",
    "The repairs cost 4.6 million crowns, of which the county paid two thirds.",
    "They were led by the engineer Dorothea Pell, who replaced all 212 rivets of the north arch by hand.",
)
PELL = (
    "Dorothea Pell was born in 1971 in Astermouth, where her father kept the tide gauge.",
    "She studied civil engineering in Corrick and has repaired nine stone bridges since 1998.",
    "Her first was the footbridge over the Sallow at Nettlecombe.",
)
CABLE_CAR = (
    "The cable car to Mount Orsel is 1,240 metres long and climbs 385 metres in seven minutes.",
    "It was opened in 1968 and is closed on Tuesdays and in high winds.",
    "A return ticket costs 14 crowns; dogs travel free.",
)
FESTIVAL = (
    "霁川灯会每年农历正月十五在灯笼桥两岸举行，2024年共展出灯组318组。",
    "最大的一盏鲤鱼灯长26米，由扎灯艺人温绍棠带领七名徒弟用四十天扎成。",
    "灯会期间灯笼桥从晚上六点到十点禁止车辆通行。",
)
MUSEUM = (
    "霁川盐井博物馆建在1903年停产的第七号盐井上，2016年5月开馆。",
    "馆内最深的一口井深达487米，馆长是地质学者贺兰亭。",
    "博物馆每周一闭馆，门票二十五元。",
)
WATER = (
    "Halverton water report 2023.",
    "The Orsel reservoir holds 9.4 million cubic metres and supplies 61,000 people.",
    "Nitrate in the tap water was 11 milligrams per litre in the mean.",
)
OLD = (
    "The Halverton tram timetable of 2009: line 2 ran every nine minutes between the harbour and the salt works.",
    "The tram was given up in 2011.",
)

ARTICLES = {
    "/news/lantern-bridge": ("Lantern Bridge reopened", BRIDGE, "2024-03-13"),
    "/people/dorothea-pell": ("Dorothea Pell, engineer", PELL, "2024-04-02"),
    "/guide/cable-car": ("Mount Orsel cable car", CABLE_CAR, ""),
    "/zh/festival": ("霁川灯会", FESTIVAL, "2024-02-26"),
    "/zh/museum": ("霁川盐井博物馆", MUSEUM, "2023-05-18"),
    "/archive/tram": ("Tram timetable", OLD, "2009-08-01"),
}
LINKS = {
    "/news/lantern-bridge": (("Dorothea Pell", "/people/dorothea-pell"), ("霁川灯会", "/zh/festival")),
    "/people/dorothea-pell": (("Lantern Bridge", "/news/lantern-bridge"),),
    "/guide/cable-car": (("water report", "/report.pdf"),),
}


def article(path: str, charset: str = "utf-8") -> bytes:
    """The page at `path`, with a menu and a footer round it; the first mention of each of its links is one."""
    title, paragraphs, date = ARTICLES[path]
    body = "".join(f"<p>{html.escape(text)}</p>\n" for text in paragraphs)
    for name, address in LINKS.get(path, ()):
        linked = f'<a href="{address}">{name}</a>'
        body = body.replace(name, linked, 1) if name in body else f"{body}<p>See also: {linked}.</p>"
    dated = f'<meta property="article:published_time" content="{date}">' if date else ""
    text = (
        f'<!doctype html><html><head><meta charset="{charset}"><title>{title}</title>{dated}</head><body>'
        '<nav><ul><li><a href="/">Home</a></li><li><a href="/news">News</a></li></ul></nav>'
        f"<article><h1>{title}</h1>{body}</article><footer>Halverton Gazette</footer></body></html>"
    )
    return text.encode(charset)


def home() -> bytes:
    """A page that is all navigation."""
    items = "".join(f'<li><a href="{path}">{title}</a></li>' for path, (title, _, _) in ARTICLES.items())
    more = "".join(f'<li><a href="/section/{number}">Section {number}</a></li>' for number in range(12))
    return f"<html><head><title>Halverton Gazette</title></head><body><ul>{items}{more}</ul></body></html>".encode()


def report() -> bytes:
    return pdf([[(72, 700 - 20 * row, line) for row, line in enumerate(WATER)]])


CAPTCHA = (
    b"<html><head><title>Just a moment...</title></head><body><h1>Verify you are human</h1>"
    b"<p>Please complete the security check.</p><div class='g-recaptcha'></div></body></html>"
)
