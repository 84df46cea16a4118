"""Unexpected errors on the health page: shown to those who may see traces, and to nobody else."""

from core.health.errors.recording import record_error


def _fail() -> None:
    try:
        1 / 0  # noqa: B018
    except ZeroDivisionError as error:
        record_error(error, route="/tenants", request_id="request-77")


def test_errors_are_listed_by_cause(open_page, actor_of):
    _fail()
    _fail()
    app = open_page(actor_of("developer"), "health/overview")
    table = next(frame.value for frame in app.dataframe if "message" in frame.value.columns)
    assert list(table["type"]) == ["ZeroDivisionError"]
    assert list(table["errors"]) == [2]


def test_no_error_says_so(open_page, actor_of):
    app = open_page(actor_of("developer"), "health/overview")
    assert "None was recorded." in [caption.value for caption in app.caption]


def test_errors_stay_closed_to_other_roles(open_page, actor_of):
    _fail()
    app = open_page(actor_of("client_success"), "health/overview")
    assert "Unexpected errors of the last 24 h" not in [header.value for header in app.subheader]
    assert not app.exception
