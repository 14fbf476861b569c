"""How well long screenshots are read: python -m benchmarks.screenshots [--font FILE]

Random lines of English and Chinese words, drawn as a phone's screen shows them, then read as any picture is. The share
of characters that are wrong (edits over characters, blanks left out), seconds, and how many lines were left out as
doubtful. The font has to have both scripts (fonts-noto-cjk).
"""

import argparse
import io
import random
import re
import time

from PIL import Image, ImageDraw, ImageFont

from rag.sources.ocr import read_image

NOTO = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"
ENGLISH = "the ferry sails at nine and noon when winter storms close harbour and mail waits on pier".split()  # noqa: SIM905
CHINESE = "雁枕茶园一共种了四百亩茶树首届春茶节于一九八七年举办当时只有十一个摊位茶农在清明前后采摘手工炒制"
SCREENS = {  # width, height, size of the letters, dark
    "1080 x 2400": (1080, 2400, 36, False),
    "1080 x 8000": (1080, 8000, 36, False),
    "1080 x 8000, dark": (1080, 8000, 32, True),
    "1000 x 12000": (1000, 12000, 30, False),
    "750 x 20000": (750, 20000, 26, False),
}


def screenshot(width: int, height: int, size: int, dark: bool, font: str, seed: int = 1) -> tuple[bytes, str]:
    """(PNG, what stands on it)."""
    draws, step = random.Random(seed), int(size * 1.9)
    said = [_line(draws, number) for number in range(height // step - 1)]
    image = Image.new("RGB", (width, height), "#1b1b1b" if dark else "white")
    drawn, letters = ImageDraw.Draw(image), ImageFont.truetype(font, size)
    for number, line in enumerate(said):
        drawn.text((40, size + number * step), line, font=letters, fill="#e8e8e8" if dark else "black")
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue(), "\n".join(said)


def _line(draws: random.Random, number: int) -> str:
    if number % 2:
        return "".join(draws.choice(CHINESE) for _ in range(18)) + f"，{draws.randint(10, 9999)}元。"
    return " ".join(draws.choice(ENGLISH) for _ in range(8)).capitalize() + f" {draws.randint(1, 999)}."


def error_rate(said: str, read: str) -> float:
    """Edits over characters, blanks left out; by Myers' algorithm, with the whole of `said` in one long integer."""
    one, other = (re.sub(r"\s+", "", text) for text in (said, read))
    places: dict[str, int] = {}
    for at, letter in enumerate(one):
        places[letter] = places.get(letter, 0) | 1 << at
    whole, edits = (1 << len(one)) - 1, len(one)
    more, less = whole, 0
    for letter in other:
        same = places.get(letter, 0)
        level = (((same & more) + more) ^ more) | same
        up, down = less | (~(level | more) & whole), more & level
        edits += bool(up >> (len(one) - 1)) - bool(down >> (len(one) - 1))
        up, down = (up << 1 | 1) & whole, down << 1 & whole
        more, less = (down | ~(same | less | up)) & whole, up & (same | less)
    return edits / len(one)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--font", default=NOTO)
    font = parser.parse_args().font
    print("| screen | characters wrong | s | left out |\n|---|---|---|---|")
    for name, screen in SCREENS.items():
        content, said = screenshot(*screen, font)
        began = time.perf_counter()
        page = read_image(content, name)
        seconds = time.perf_counter() - began
        print(f"| {name} | {error_rate(said, page.text):.3f} | {seconds:.0f} | {page.left_out or '–'} |", flush=True)


if __name__ == "__main__":
    main()
