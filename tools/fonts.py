"""Cuts the pages' font out of Pretendard: writes static/fonts, which is in git; nothing of this runs with the site.

    npm pack pretendard@1.3.9 && tar -xzf pretendard-1.3.9.tgz
    uv run --no-project --with fonttools==4.68.0 --with brotli==1.2.1 python -m tools.fonts package

One variable font (weights 400 to 700) in two files. `core` has what our own pages say, Latin, signs, and the most
frequent syllables; `more` what is frequent besides: only pages with such a syllable load it, by its `unicode-range`,
which is written into site.css here. What is rarer than that is left to the reader's own fonts. With `font-display:
optional` a page never changes its font under its reader. (Chromium, when `core` comes too late for that, asks whatever
else claims the same characters: so `more` claims only its own.)

The result has a name of its own, as the licence asks of what is changed (OFL 1.1, section 3: "Pretendard" is reserved).
"""

import re
import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

ROOT = Path(__file__).resolve().parents[1]
FOLDER, SHEET = ROOT / "static/fonts", ROOT / "static/css/site.css"
NAME = "Cody Sans"
WEIGHTS = (400, 700)
SOURCES = ("accounts", "board", "cody_site", "media_store", "payments", "reservations", "templates", "static")
ELSEWHERE = {"tests", "migrations", "back_office", "admin", "mail", "admin.py", "imp_sandbox", "schema.py", "security"}
"""What customers do not read, or not in this font."""
FREQUENT, MORE = 500, 1200
"""How many of the most frequent syllables are in `core`, and how many in `core` and `more`."""
SIGNS = "–—‘’“”•…′″₩←↑→↓✓✕·、。「」『』●○★☆※−×〜～㎡℃"
FEATURES = ("kern", "tnum", "ccmp", "locl", "mark", "mkmk", "case")


def main(package: Path) -> None:
    frequent = by_frequency((package / "dist/web/variable/pretendardvariable-dynamic-subset.css").read_text())
    core = ours() | set(frequent[:FREQUENT])
    more = set(frequent[:MORE]) - core
    latin = set(map(chr, [*range(0x20, 0x7F), *range(0xA0, 0x100)]))
    FOLDER.mkdir(exist_ok=True)
    for name, characters in {"core": core | latin | set(SIGNS), "more": more}.items():
        path = FOLDER / f"{NAME.replace(' ', '')}-{name}.woff2"
        cut(package / "dist/public/variable/PretendardVariable.ttf", characters, path)
        sys.stdout.write(f"{path.name}: {len(characters)} characters, {path.stat().st_size:,} bytes\n")
    sheet = SHEET.read_text()
    SHEET.write_text(re.sub(r"unicode-range: [^;]+;", f"unicode-range: {ranges(more, others=core)};", sheet))
    (FOLDER / "LICENSE.txt").write_text((package / "dist/LICENSE.txt").read_text())


def by_frequency(sheet: str) -> list[str]:
    """Hangul syllables, the most frequent first, as the package orders its slices: the last is the commonest."""
    slices = re.findall(r"subset\.(\d+)\.woff2.*?unicode-range: ([^;]+);", sheet, re.DOTALL)
    ordered = sorted(slices, key=lambda found: -int(found[0]))
    return [character for _number, ranges in ordered for character in spelled(ranges) if is_syllable(character)]


def spelled(ranges: str) -> list[str]:
    """The characters of a `unicode-range`."""
    bounds = [part.strip().removeprefix("U+").split("-") for part in ranges.split(",")]
    return [chr(code) for bound in bounds for code in range(int(bound[0], 16), int(bound[-1], 16) + 1)]


def ours() -> set[str]:
    """Every syllable that the customers' pages use, and the demo salon."""
    files = [path for name in SOURCES for path in (ROOT / name).rglob("*") if not ELSEWHERE.intersection(path.parts)]
    texts = [path.read_text() for path in files if path.suffix in (".py", ".html", ".txt", ".po", ".js")]
    return {character for text in texts for character in text if is_syllable(character)}


def is_syllable(character: str) -> bool:
    return "가" <= character <= "힣"


def ranges(characters: set[str], others: set[str]) -> str:
    """A `unicode-range` of these characters and none of the others; what is neither may be in it, to make it short."""
    bounds: list[list[int]] = []
    for code in sorted(map(ord, characters)):
        if bounds and not others.intersection(map(chr, range(bounds[-1][1], code))):
            bounds[-1][1] = code
        else:
            bounds.append([code, code])
    return ",".join(f"U+{first:X}" if first == last else f"U+{first:X}-{last:X}" for first, last in bounds)


def cut(source: Path, characters: set[str], target: Path) -> None:
    """Write a WOFF2 with these characters, the same bytes every time."""
    font = TTFont(source, recalcTimestamp=False)
    options = Options()
    options.layout_features = list(FEATURES)
    options.name_IDs = [0, 1, 2, 4, 6, 13, 14]
    options.name_languages = [0x409]
    options.hinting = False
    subsetter = Subsetter(options)
    subsetter.populate(text="".join(characters))
    subsetter.subset(font)
    instancer.instantiateVariableFont(font, {"wght": WEIGHTS}, inplace=True)
    for identity, name in {1: NAME, 4: NAME, 6: NAME.replace(" ", "")}.items():
        font["name"].setName(name, identity, 3, 1, 0x409)
    font.flavor = "woff2"
    font.save(target)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
