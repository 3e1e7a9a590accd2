"""The display of training: who gets which event, and when a run is stopped."""

from __future__ import annotations

import logging
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from tqdm import tqdm

from sgns._progress import ProgressEvent, make_progress


def event(words_done: int) -> ProgressEvent:
    return ProgressEvent(1, 2, words_done, 1_000, 2.5, 0.025, 1e6, 3.0)


def test_make_progress_false_shows_nothing(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    display = make_progress(False, 1_000, 2)
    assert display.update(event(10)) is False
    display.close()
    assert capsys.readouterr() == ("", "")
    assert caplog.messages == []


def test_make_progress_auto_without_terminal_shows_nothing(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    display = make_progress("auto", 1_000, 2)
    display.update(event(10))
    display.close()
    assert capsys.readouterr() == ("", "")
    assert caplog.messages == []


def test_make_progress_true_without_terminal_logs_first_and_last_event(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="sgns")
    display = make_progress(True, 1_000, 2)
    for words_done in (10, 20, 30, 1_000):
        display.update(event(words_done))
    display.close()
    assert capsys.readouterr() == ("", "")
    assert caplog.messages[1:] == [str(event(10)), str(event(1_000))]


@pytest.mark.parametrize("option", ["auto", True])
def test_make_progress_on_terminal_is_a_bar(
    option: str | bool,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    display = make_progress(option, 1_000, 2)
    display.update(event(10))
    display.update(event(1_000))
    display.close()
    shown = capsys.readouterr().err
    assert "100%" in shown
    assert "epoch 1, loss 2.5000, lr 0.0250" in shown


def fake_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    shell = SimpleNamespace(config={"IPKernelApp": {}})
    notebook = SimpleNamespace(get_ipython=lambda: shell)
    monkeypatch.setitem(sys.modules, "IPython", notebook)


@pytest.mark.parametrize("option", ["auto", True])
def test_make_progress_in_a_notebook_is_its_bar(
    option: str | bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Bar(tqdm):
        made = 0

        def __init__(self, **options: Any) -> None:
            super().__init__(**options, disable=True)
            Bar.made += 1

    fake_notebook(monkeypatch)
    monkeypatch.setitem(sys.modules, "tqdm.notebook", SimpleNamespace(tqdm=Bar))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name)
    display = make_progress(option, 1_000, 2)
    display.update(event(10))
    display.close()
    assert Bar.made == 1


def test_make_progress_in_a_notebook_without_widgets_is_a_bar_of_text(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_notebook(monkeypatch)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    display = make_progress("auto", 1_000, 2)
    display.update(event(1_000))
    display.close()
    assert "epoch 1, loss 2.5000" in capsys.readouterr().err


def test_make_progress_in_ipython_on_no_terminal_shows_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: None)
    )
    make_progress("auto", 1_000, 2).update(event(10))
    assert capsys.readouterr().err == ""


def test_make_progress_callable_gets_every_event() -> None:
    seen: list[ProgressEvent] = []
    display = make_progress(seen.append, 1_000, 2)
    display.update(event(10))
    display.update(event(20))
    display.close()
    assert seen == [event(10), event(20)]


@pytest.mark.parametrize(
    ("answer", "stop"), [(True, True), (False, False), (None, False)]
)
def test_update_only_true_stops(answer: bool | None, stop: bool) -> None:
    """F3: a callback that returns True ends ``fit``."""
    display = make_progress(lambda _: answer, 1_000, 2)
    assert display.update(event(10)) is stop


def test_update_exception_of_the_callable_is_passed_on() -> None:
    """P7: the same object comes out."""
    failure = RuntimeError("mine")

    def fail(_: ProgressEvent) -> None:
        raise failure

    with pytest.raises(RuntimeError) as caught:
        make_progress(fail, 1_000, 2).update(event(10))
    assert caught.value is failure


@pytest.mark.parametrize("wrong", ["yes", 1, 0, None, [True]])
def test_make_progress_wrong_type(wrong: object) -> None:
    with pytest.raises(TypeError, match="progress must be 'auto', True, False or a"):
        make_progress(wrong, 1_000, 2)  # type: ignore[arg-type]


def test_event_as_text_shows_all_figures() -> None:
    assert str(event(250)) == (
        "epoch 1/2   25.0 %  1,000,000 words/s  loss 2.5000  lr 0.02500  3 s left"
    )
