"""JSON, XML and notebooks -> lines that say what their values are: "station: Orrin | depth: 34.5"."""

import json
import re
from collections.abc import Iterator
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from rag.errors import SourceFault
from rag.sources import markup, outline
from rag.sources.charset import clean
from rag.sources.markdown import read_markdown
from rag.types import Page

_MARKED = re.compile(r"<([a-z]+\d?)\b[^<>]*>.*</\1>|<(?:br|p)\s*/?>", re.I | re.S)
_HEADING = re.compile(r"^ {0,3}(#{1,6})[ \t]+(\S.*?)[ \t]*#*[ \t]*$", re.M)
_MOST_ATTRIBUTES = 1000  # of one element; lxml takes the square of their number to read them
_DEPTH = 60  # levels below which nothing is read


def read_json(text: str, uri: str) -> str:
    """A record a line, its values after their names; below it what it holds in turn, after the path. Lines of JSON
    (.jsonl) are read one by one. Raises SourceFault."""
    try:
        return "\n".join(_lines(json.loads(text), ""))
    except RecursionError as error:
        raise SourceFault(f"{uri} is nested too deeply to be read. Save the part that matters.") from error
    except json.JSONDecodeError as error:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2:
            raise _not(uri, "JSON", error) from error
        try:
            return "\n".join(told for line in lines for told in _lines(json.loads(line), ""))
        except (json.JSONDecodeError, RecursionError) as inner:
            raise _not(uri, "JSON", inner) from inner


def read_xml(content: bytes, uri: str) -> str:
    """The same of elements, attributes and texts. Raises SourceFault."""
    try:
        root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))
    except (etree.LxmlError, ValueError) as error:
        raise _not(uri, "XML", error) from error
    if any(len(element.attrib) > _MOST_ATTRIBUTES for element in root.iter(etree.Element)):
        raise _not(uri, "XML", ValueError(f"an element has more than {_MOST_ATTRIBUTES} attributes"))
    return "\n".join(_lines(_held(root, 0), etree.QName(root).localname))


def read_notebook(text: str, uri: str) -> Page:
    """The cells of a Jupyter notebook in order, with what they printed; no pictures. Its headings are those of its
    text cells, the first one its title. Raises SourceFault."""
    marks: list[outline.Mark] = []
    try:
        told = "\n\n".join(filter(None, (_cell(cell, marks) for cell in json.loads(text)["cells"])))
    except (json.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise _not(uri, "a notebook", error) from error
    return Page(uri, told, title=marks[0][1] if marks else "", headings=outline.placed(marks, clean(told)))


def _lines(value: Any, path: str, depth: int = 0) -> Iterator[str]:
    if depth > _DEPTH:
        return
    if isinstance(value, dict):
        flat = {name: told for name, each in value.items() if (told := _scalar(each)) is not None}
        if said := " | ".join(f"{name}: {told}" for name, told in flat.items() if told):
            yield f"{path} | {said}" if path else said
        for name, each in value.items():
            if name not in flat:
                yield from _lines(each, f"{path} › {name}" if path else str(name), depth + 1)
    elif isinstance(value, list) and _scalar(value) is None:
        for each in value:
            yield from _lines(each, path, depth + 1)
    elif told := _scalar(value):
        yield f"{path}: {told}" if path else told


def _scalar(value: Any) -> str | None:
    """A value, or several, on one line; None of what holds records."""
    if isinstance(value, list):
        told = [_scalar(each) for each in value if not isinstance(each, list)]
        return ", ".join(filter(None, told)) if len(told) == len(value) and None not in told else None
    if isinstance(value, dict):
        return None
    if value is None or isinstance(value, bool):
        return {None: "", True: "true", False: "false"}[value]
    said = markup.flatten(value) if isinstance(value, str) and _MARKED.search(value) else str(value)
    return " ".join(said.split())


def _held(element: Any, depth: int) -> Any:
    """An element as JSON would have it: its text, or its attributes and children by name."""
    children = [child for child in element if isinstance(child.tag, str)]
    text = " ".join("".join(element.itertext()).split())
    if depth > _DEPTH or not (children or element.attrib):
        return text
    if children and (element.text or "").strip():
        return text  # prose with marks in it
    held: dict[str, Any] = {etree.QName(name).localname: value for name, value in element.attrib.items()}
    for child in children:
        held.setdefault(etree.QName(child).localname, []).append(_held(child, depth + 1))
    if not children and text:
        held["text"] = text
    return {name: value[0] if isinstance(value, list) and len(value) == 1 else value for name, value in held.items()}


def _cell(cell: dict[str, Any], marks: list[outline.Mark]) -> str:
    """What a cell says and printed; the headings of a text cell, without their marks, are added to `marks`."""
    source = _joined(cell.get("source", ""))
    if cell.get("cell_type") == "markdown":
        marks += [(len(found[1]), " ".join(clean(found[2]).split())) for found in _HEADING.finditer(source)]
        source = _HEADING.sub(r"\2", read_markdown(source))
    said = [source]
    for output in cell.get("outputs", []):
        if output.get("output_type") == "error":
            said.append(f"{output.get('ename', '')}: {output.get('evalue', '')}")
        said.append(_joined(output.get("text") or output.get("data", {}).get("text/plain", "")))
    return "\n".join(filter(None, (part.strip() for part in said)))


def _joined(source: str | list[str]) -> str:
    return source if isinstance(source, str) else "".join(source)


def _not(uri: str, what: str, error: Exception) -> SourceFault:
    return SourceFault(f"{uri} is not {what} that can be read ({error}). Check that it was saved completely.")
