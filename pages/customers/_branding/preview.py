"""What a tenant's people would see: a sign-in screen and a mail, drawn as figures. Nothing of it is ever run as markup."""

import base64
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from core.customers.branding.logos import Logo
from core.customers.branding.rules import colors_of

WIDTH, HEIGHT = 380, 300
_LINE, _PAPER, _INK, _FAINT = "#c9d1d6", "#ffffff", "#1c2733", "#5c6970"
_STATIC = {"staticPlot": True, "displayModeBar": False}


@dataclass(frozen=True, slots=True)
class Look:
    """What is shown: the tenant's own words and colours, and the product's where it has none."""

    company: str
    support: str
    sender: str
    domain: str
    colors: dict[str, str] = field(default_factory=dict)
    logo: Logo | None = None


def look(tenant: Mapping[str, Any], values: Mapping[str, Any], logo: Logo | None, domain: str | None) -> Look:
    """`values` are those of the form or of the table; `domain` is one that is verified."""
    company = values.get("company_name") or tenant["name"]
    return Look(
        str(company), str(values.get("support_email") or "support@quarterdeck.example"),
        str(values.get("sender_name") or company), domain or "app.quarterdeck.example", colors_of(values), logo,
    )  # fmt: skip


def show(seen: Look, key: str) -> None:
    """Both pictures, side by side where there is room."""
    with st.container(horizontal=True):
        for name, figure in (("sign_in", sign_in(seen)), ("mail", mail(seen))):
            st.plotly_chart(figure, width="content", theme=None, config=_STATIC, key=f"{key}_{name}")
    st.caption("Preview of the sign-in screen and of a mail.")


def sign_in(seen: Look) -> go.Figure:
    """The screen on which the tenant's people sign in."""
    colors, figure = seen.colors, _sheet(seen.colors["background_color"])
    _box(figure, (0, 278, WIDTH, HEIGHT), "#e7ecee")
    _text(figure, WIDTH / 2, 289, f"https://{seen.domain}", 11, _FAINT, most=52)
    _logo(figure, seen.logo, (WIDTH / 2, 246), (200, 50), "center")
    _text(figure, WIDTH / 2, 204, seen.company, 18, colors["text_color"], most=34)
    for top, label in ((180, "E-mail"), (128, "Password")):
        _text(figure, 70, top, label, 11, colors["text_color"], anchor="left")
        _box(figure, (70, top - 37, 310, top - 11), _PAPER, line=_LINE)
    _box(figure, (70, 48, 310, 78), colors["button_color"])
    _text(figure, WIDTH / 2, 63, "Sign in", 13, colors["button_text_color"])
    _text(figure, WIDTH / 2, 22, f"Help: {seen.support}", 11, colors["text_color"], most=50)
    return figure


def mail(seen: Look) -> go.Figure:
    """A mail that the product sends in the tenant's name."""
    colors, figure = seen.colors, _sheet(seen.colors["background_color"])
    _box(figure, (0, 246, WIDTH, HEIGHT), "#e7ecee")
    _text(figure, 14, 285, f"From: {seen.sender}", 12, _INK, anchor="left", most=48)
    _text(figure, 14, 262, "Subject: You are invited", 12, _INK, anchor="left")
    _logo(figure, seen.logo, (24, 214), (150, 40), "left")
    _text(figure, 24, 174, "Hello Zoe,", 13, colors["text_color"], anchor="left")
    _text(figure, 24, 150, f"{seen.company} invites you to join.", 13, colors["text_color"], anchor="left", most=46)
    _box(figure, (24, 96, 164, 126), colors["button_color"])
    _text(figure, 94, 111, "Join now", 13, colors["button_text_color"])
    _text(figure, 24, 66, f"https://{seen.domain}/join", 11, colors["text_color"], anchor="left", most=54)
    _text(figure, 24, 26, f"Questions? {seen.support}", 11, colors["text_color"], anchor="left", most=52)
    return figure


def _sheet(background: str) -> go.Figure:
    figure = go.Figure(layout={
        "width": WIDTH, "height": HEIGHT, "margin": {"l": 0, "r": 0, "t": 0, "b": 0}, "showlegend": False,
        "paper_bgcolor": background, "plot_bgcolor": background,
        "xaxis": {"visible": False, "range": [0, WIDTH], "fixedrange": True},
        "yaxis": {"visible": False, "range": [0, HEIGHT], "fixedrange": True},
    })  # fmt: skip
    _box(figure, (0.5, 0.5, WIDTH - 0.5, HEIGHT - 0.5), None, line=_LINE)
    return figure


def _box(figure: go.Figure, corners: tuple[float, ...], fill: str | None, *, line: str | None = None) -> None:
    left, bottom, right, top = corners
    figure.add_shape(
        type="rect", x0=left, y0=bottom, x1=right, y1=top, layer="below" if fill else "above",
        fillcolor=fill or "rgba(0,0,0,0)", line={"width": 1 if line else 0, "color": line or "rgba(0,0,0,0)"},
    )  # fmt: skip


def _text(
    figure: go.Figure, x: float, y: float, text: str, size: int, color: str, *, anchor: str = "center", most: int = 60
) -> None:  # fmt: skip
    figure.add_annotation(
        x=x, y=y, text=plain(fitted(text, most)), showarrow=False, xanchor=anchor, yanchor="middle",
        font={"size": size, "color": color, "family": "sans-serif"},
    )  # fmt: skip


def _logo(
    figure: go.Figure, logo: Logo | None, at: tuple[float, float], size: tuple[float, float], anchor: str
) -> None:
    if logo is None:
        return
    source = f"data:{logo.media_type};base64,{base64.b64encode(logo.content).decode()}"
    figure.add_layout_image(
        source=source, x=at[0], y=at[1], xref="x", yref="y", xanchor=anchor, yanchor="middle", sizex=size[0],
        sizey=size[1], sizing="contain", layer="above",
    )  # fmt: skip


def fitted(text: str, most: int) -> str:
    """The text within so many narrow letters; East Asian letters and emoji take two."""
    taken = 0
    for place, letter in enumerate(text):
        taken += 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        if taken > most:
            return text[: max(place - 1, 0)] + "…"
    return text


def plain(text: str) -> str:
    """Plotly reads a few HTML tags in text; these letters are shown as they are."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
