"""Contrast of colours after WCAG 2.2, and the nearest colour that has enough. Pure.

Relative luminance and contrast ratio: WCAG 2.2, section 6 ("relative luminance", "contrast ratio"). Levels for text: success
criteria 1.4.3 (AA, 4.5:1) and 1.4.6 (AAA, 7:1); for parts of the interface 1.4.11 (3:1). Nearness is difference of lightness in
OKLab (B. Ottosson, "A perceptual color space for image processing", 2020), which keeps the hue.
"""

import math
import re
from typing import Literal

AA, AAA, PARTS = 4.5, 7.0, 3.0
Grade = Literal["AAA", "AA", "fails"]
_HEX = re.compile(r"#([0-9a-f]{6})")
_STEPS = 512
Triple = tuple[float, float, float]


def is_color(text: str) -> bool:
    """Whether the text is `#rrggbb` in lower case."""
    return _HEX.fullmatch(text) is not None


def _linear(color: str) -> Triple:
    red, green, blue = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return _expanded(red), _expanded(green), _expanded(blue)


def _expanded(share: float) -> float:
    return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)


def _compressed(share: float) -> float:
    return share * 12.92 if share <= 0.0031308 else 1.055 * share ** (1 / 2.4) - 0.055


def luminance(color: str) -> float:
    """0 for black to 1 for white."""
    red, green, blue = _linear(color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(one: str, other: str) -> float:
    """1 for the same colour to 21 for black on white, whichever is the text."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def grade(value: float) -> Grade:
    """Of text in the usual size."""
    return "AAA" if value >= AAA else "AA" if value >= AA else "fails"


def shown(value: float) -> str:
    """The ratio with two digits, cut off and not rounded: 4.499:1 must not read as enough."""
    return f"{math.floor(value * 100) / 100:.2f}:1"


def _to_lab(color: str) -> Triple:
    red, green, blue = _linear(color)
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def _from_lab(lab: Triple) -> str:
    """The colour; what no screen can show is cut off at the edge."""
    light, a, b = lab
    long = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (light - 0.0894841775 * a - 1.2914855480 * b) ** 3
    rgb = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    return "#" + "".join(f"{round(255 * _compressed(min(max(part, 0.0), 1.0))):02x}" for part in rgb)


def nearest(color: str, against: str, *, least: float = AA) -> str | None:
    """The colour itself when it has the contrast, else the one of its hue that is nearest in lightness and has it.

    None when not even black or white has it; that happens above 4.58:1 only.
    """
    if ratio(color, against) >= least:
        return color
    light, a, b = _to_lab(color)
    for step in range(1, _STEPS + 1):
        for target in (light - step / _STEPS, light + step / _STEPS):
            found = _moved((light, a, b), target)
            if ratio(found, against) >= least:
                return found
    return None


def _moved(lab: Triple, target: float) -> str:
    """The colour at another lightness; towards black and white its chroma fades, so that the ends are truly these."""
    light, a, b = lab
    kept = min(max(target, 0.0), 1.0)
    room, left = (light, kept) if kept < light else (1 - light, 1 - kept)
    fade = left / room if room > 0 else 0.0
    return _from_lab((kept, a * fade, b * fade))
