"""The tour is the end-to-end test: it fails when any of its steps does."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from clinic_desk.views import tour


@pytest.mark.slow
def test_a_morning_of_work_comes_out_right(
    qtbot: QtBot, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = tour.run(tmp_path)
    told = capsys.readouterr().out
    assert code == 0, told
    pictures = sorted(tmp_path.glob("*.png"))
    assert len(pictures) >= 25
    assert all(picture.stat().st_size > 5_000 for picture in pictures)
    assert (tmp_path / "day-sheet.pdf").exists()
