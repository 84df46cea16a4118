"""Contrast: the known pairs of the WCAG definition, and suggestions that hold what they promise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.customers.branding import contrast, rules
from core.kernel.errors import Invalid

COLOR = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@pytest.mark.parametrize(
    ("one", "other", "shown", "grade"),
    [
        ("#000000", "#ffffff", "21.00:1", "AAA"),
        ("#ffffff", "#ffffff", "1.00:1", "fails"),
        # The lightest grey that AA lets stand on white, and the next one: WCAG 2.2, understanding 1.4.3.
        ("#767676", "#ffffff", "4.54:1", "AA"),
        ("#777777", "#ffffff", "4.47:1", "fails"),
        # The same for AAA: understanding 1.4.6.
        ("#595959", "#ffffff", "7.00:1", "AAA"),
        ("#5a5a5a", "#ffffff", "6.89:1", "AA"),
        ("#ff0000", "#ffffff", "3.99:1", "fails"),
        ("#0000ff", "#ffffff", "8.59:1", "AAA"),
        ("#00ff00", "#000000", "15.30:1", "AAA"),
    ],
)
def test_known_pairs_have_their_known_ratio(one, other, shown, grade):
    found = contrast.ratio(one, other)
    assert (contrast.shown(found), contrast.grade(found)) == (shown, grade)
    assert contrast.ratio(other, one) == found


@given(COLOR, COLOR)
def test_the_nearest_colour_has_enough_and_is_the_same_when_it_had_enough(one, other):
    found = contrast.nearest(one, other)
    assert found is not None and contrast.ratio(found, other) >= contrast.AA
    assert (found == one) is (contrast.ratio(one, other) >= contrast.AA)
    darkest = max(("#000000", "#ffffff"), key=lambda end: contrast.ratio(end, other))
    strict = contrast.nearest(one, other, least=contrast.AAA)
    assert (strict is None) is (contrast.ratio(darkest, other) < contrast.AAA)


def test_the_suggestion_keeps_the_hue_and_is_near():
    assert contrast.nearest("#777777", "#ffffff") == "#767676"
    assert contrast.nearest("#ff0000", "#ffffff") in {f"#{red:02x}0000" for red in range(0xE6, 0xF2)}


def test_unreadable_text_is_refused_with_its_ratio_and_the_way_out():
    with pytest.raises(Invalid, match=r"2\.32:1.*WCAG AA") as caught:
        rules.require_readable({"button_color": "#ffffff", "button_text_color": "#aaaaaa"})
    assert set(caught.value.fields) == {"button_text_color"}
    rules.require_readable({"button_color": "#fafafa"} | {"button_text_color": "#111111"})
    weak = next(one for one in rules.judge({"button_color": "#eeeeee"}) if one.pair.front == "button_color")
    assert (weak.verdict, weak.is_enough) == ("weak", False)
    assert contrast.ratio(weak.suggestions["button_color"], "#ffffff") >= 3
