"""What a page shows is what is read: nothing hidden, no number changed, nothing dropped."""

import pytest
from lxml import html

from rag.sources.extract import extract
from rag.sources.hidden import apply_styles
from tests.sources.made_sources import CHINESE, SENTENCES, epub

PARAGRAPHS = "".join(f"<p>{sentence} {sentence.replace('the', 'every')}</p>" for sentence in SENTENCES)


def shown(inside: str, head: str = "", short: bool = False) -> str:
    article = inside if short else f"{PARAGRAPHS}{inside}{PARAGRAPHS[::1].replace('Grey', 'Green')}"
    page = f"<html><head><meta charset=utf-8><title>Light</title>{head}</head><body><article>{article}</article></body>"
    return extract(page.encode(), "https://coast.example/a").text


SECRET = "The toll of the ferry is 999 crowns for everybody who reads this."
HIDDEN = {
    "attribute": f"<p hidden>{SECRET}</p>",
    "template": f"<template><p>{SECRET}</p></template>",
    "display": f"<div style='display:none'><p>{SECRET}</p></div>",
    "important": f"<p style='Display: NONE !important'>{SECRET}</p>",
    "visibility": f"<p style='visibility:hidden'>{SECRET}</p>",
    "opacity": f"<p style='opacity:0.0'>{SECRET}</p>",
    "size 0": f"<p style='font-size:0'>{SECRET}</p>",
    "size 1": f"<p style='font-size:1px'>{SECRET}</p>",
    "white on white": f"<p style='color:#fff;background:#ffffff'>{SECRET}</p>",
    "nearly": f"<p style='color:rgb(250,250,250);background-color:white'>{SECRET}</p>",
    "on the page's white": f"<p style='color:white'>{SECRET}</p>",
    "font": f"<font color=white>{SECRET}</font>",
    "black on black": f"<div style='background:#000'><p style='color:black'>{SECRET}</p></div>",
    "transparent": f"<p style='color:transparent'>{SECRET}</p>",
    "off screen": f"<span style='position:absolute;left:-9999px'>{SECRET}</span>",
    "indent": f"<p style='text-indent:-9999px'>{SECRET}</p>",
    "clipped": f"<p style='position:absolute;clip:rect(0,0,0,0)'>{SECRET}</p>",
    "no room": f"<p style='height:0;overflow:hidden'>{SECRET}</p>",
    "below another": f"<style>#m > p.y{{display:none}}</style><div id=m><p class=y>{SECRET}</p></div>",
    "of a screen": f"<style>@media (min-width:600px){{[data-x]{{display:none}}}}</style><p data-x>{SECRET}</p>",
    "variable": f"<style>:root{{--h:none}} :is(.v,.w){{display:var(--h)}}</style><p class=v>{SECRET}</p>",
    "important rule": f"<style>.i{{display:none!important}}</style><p class=i style='display:block'>{SECRET}</p>",
    "no colour": f"<p style='color:rgba(0,0,0,0)'>{SECRET}</p>",
    "faint": f"<p style='opacity:.01'>{SECRET}</p>",
    "shorthand": f"<p style='font:1px/1 serif'>{SECRET}</p>",
    "to the right": f"<p style='position:absolute;left:200vw'>{SECRET}</p>",
    "aria": f"<p aria-hidden='true'>{SECRET}</p>",
    "class": f"<style>.x{{display:none}}</style><p class=x>{SECRET}</p>",
    "class and tag": f"<style>/* {{ */ p.x, b{{ opacity : 0 }}</style><p class='y x'>{SECRET}</p>",
    "id": f"<style>@media print{{#a{{color:red}}}} #a{{font-size:0}}</style><p id=a>{SECRET}</p>",
    "colour of a class": f"<style>.g{{background:#123}}.l{{color:#123}}</style><p class='g l'>{SECRET}</p>",
}


@pytest.mark.parametrize("inside", HIDDEN.values(), ids=HIDDEN)
@pytest.mark.parametrize("short", [False, True])
def test_what_the_reader_does_not_see_is_no_evidence(inside: str, short: bool) -> None:
    text = shown(f"<p>Dogs travel free.</p><p>{SENTENCES[1]}</p>{inside}" if short else inside, short=short)
    assert "999" not in text and SENTENCES[1] in text


SEEN = {
    "details": f"<details><summary>More</summary><p>{SECRET}</p></details>",
    "print only": f"<style>@media print{{.x{{display:none}}}}</style><p class=x>{SECRET}</p>",
    "overruled": f"<style>.x{{display:none}}.x{{display:block}}</style><p class=x>{SECRET}</p>",
    "white on blue": f"<div style='background:#003'><p style='color:#fff'>{SECRET}</p></div>",
    "a picture behind": f"<div style='background:url(a.png)'><p style='color:#fff'>{SECRET}</p></div>",
    "black": f"<p style='color:#000;opacity:0.9;font-size:11px'>{SECRET}</p>",
    "another class": f"<style>.x.y{{display:none}}</style><p class=x>{SECRET}</p>",
    "within another": f"<style>.menu .x{{display:none}}</style><p class=x>{SECRET}</p>",
}


@pytest.mark.parametrize("inside", SEEN.values(), ids=SEEN)
def test_what_is_seen_stays(inside: str) -> None:
    assert SECRET in shown(inside)


def test_an_article_that_a_script_shows_stays() -> None:
    page = f"<html><body><div style='visibility:hidden;opacity:0'>{PARAGRAPHS}</div><p>Menu</p></body></html>"
    assert SENTENCES[0] in extract(page.encode(), "a.html").text


@pytest.mark.parametrize(
    ("markup", "said"),
    [
        ("10<sup>6</sup> litres", "10^6 litres"),
        ("6.022 × 10<sup>-23</sup> per", "10^-23 per"),
        ("42<sup>3</sup> million", "42^3 million"),
        ("850<sup><a href='#f'>4</a></sup> people", "850[4] people"),
        ("850<sup><a href='#f'>[4]</a></sup> people", "850[4] people"),
        ("the 4<sup>th</sup> of May", "the 4th of May"),
        ("50 m<sup>2</sup> of", "50 m² of"),
        ("H<sub>2</sub>O and 10<sub>2</sub>", "H2O and 10_2"),
        ("<b>10</b><sup>6</sup> tons", "10^6 tons"),
        ("is <del>20</del> <ins>25</ins> crowns", "is 25 crowns"),
        ("is <math><mi>Q</mi><mo>=</mo><mfrac><mi>V</mi><mi>t</mi></mfrac></math> now", "is Q=V/t now"),
        ("<math><msup><mn>10</mn><mn>6</mn></msup></math> now", "10^6 now"),
    ],
)
def test_no_number_is_changed(markup: str, said: str) -> None:
    line = f"The basin is measured every year and the keeper writes that it {markup}."
    text = shown(f"<p>{line}</p>".replace(markup, markup))
    assert said in text and said in shown(f"<p>{line}</p>", short=True)
    assert said in extract(epub([f"<p>{line}</p>"]), "a.epub").text


def test_captions_and_lists_are_kept() -> None:
    figure = "<figure><img src=b.png><figcaption>Figure 2: the pier after the storm of 1987.</figcaption></figure>"
    assert "Figure 2: the pier after the storm of 1987." in shown(figure)
    body = f"<html><body>{PARAGRAPHS}<ul><li>No fires after 22:00.</li><li>Dogs on a lead.</li></ul>{PARAGRAPHS}</body>"
    assert "No fires after 22:00." in extract(body.encode(), "a.html").text


def test_a_year_in_the_text_is_not_the_date_of_the_page() -> None:
    for words in ("The pump was bought in 2003 from the county.", "".join(CHINESE) + "2003年购入。"):
        page = f"<html><body><article><h1>Pump</h1>{PARAGRAPHS}<p>{words}</p></article></body></html>"
        assert extract(page.encode(), "a.html").date == ""
    dated = f"<html><body><article><time datetime='2021-05-04'>4 May</time>{PARAGRAPHS}</article></body></html>"
    assert extract(dated.encode(), "a.html").date == "2021-05-04"


@pytest.mark.parametrize(
    "page",
    [
        '<p style="color:oklch(0.2 0.1 20)">Open at nine.</p>',
        '<p style="display:none;display:block">Open at nine.</p>',
        f"<style>{'div ' * 1200}p{{display:none}}</style><p>Open at nine.</p>",
        f"<style>p{{color:{'(' * 2000}</style><p>Open at nine.</p>",
        f"<style>.z div div div div div p{{display:none}}</style>{'<div>' * 60}<p>Open at nine.</p>{'</div>' * 60}",
        "<style>@supports not (display:grid){p{display:none}}</style><p>Open at nine.</p>",
    ],
    ids=["colour of CSS 4", "the later declaration", "long", "deep", "slow", "not supported"],
)
def test_a_style_that_cannot_be_followed_loses_no_page(page):
    root = html.document_fromstring(f"<body>{page}</body>")
    apply_styles(root)
    assert [one.text_content() for one in root.iter("p")] == ["Open at nine."]
