"""The palettes: every text can be read (WCAG 2.2, 1.4.3 level AA: 4.5 to 1; 1.4.11: 3 to 1 for what is no text)."""

import tomllib
from pathlib import Path

import pytest

THEME = tomllib.loads(Path(".streamlit/config.toml").read_text())["theme"]
FADED = 0.6  # Streamlit draws captions and placeholders in the text's colour at 60 %

Colour = tuple[float, float, float]


def rgb(code: str) -> Colour:
    red, green, blue = (int(code[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return red, green, blue


def luminance(colour: Colour) -> float:
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in colour]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: Colour, other: Colour) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def faded(text: Colour, ground: Colour) -> Colour:
    red, green, blue = (FADED * over + (1 - FADED) * under for over, under in zip(text, ground, strict=True))
    return red, green, blue


@pytest.mark.parametrize("palette", ["light", "dark"])
def test_text_captions_links_and_buttons_can_be_read(palette):
    colours = THEME[palette]
    text, link, primary = (rgb(colours[name]) for name in ("textColor", "linkColor", "primaryColor"))
    main, field = rgb(colours["backgroundColor"]), rgb(colours["secondaryBackgroundColor"])
    sidebar, sidebar_field = (rgb(colours["sidebar"][f"{name}ackgroundColor"]) for name in ("b", "secondaryB"))
    for ground in (main, field, sidebar, sidebar_field):
        assert contrast(text, ground) >= 7
        assert contrast(faded(text, ground), ground) >= 4.5
    assert contrast(link, main) >= 4.5
    assert contrast((1, 1, 1), primary) >= 4.5
    assert contrast(primary, main) >= 3


@pytest.mark.parametrize("palette", ["light", "dark"])
def test_lines_of_a_chart_stand_out(palette):
    ground = rgb(THEME[palette]["backgroundColor"])
    assert all(contrast(rgb(line), ground) >= 3 for line in THEME[palette]["chartCategoricalColors"])
