"""Sheets of a run are laid out as `lay_out_sheet` does it, also those that are laid out as others before."""

from pathlib import Path

import pytest

from render.errors import PhotoError
from render.run.layouts import open_layout
from render.sheet.layout import lay_out_sheet
from tests.helpers.runs import configure

WIDE, HIGH = (480, 640), (640, 480)


def test_sheets_alike_are_those_that_would_be_laid_out():
    config = configure("panels=[camera/geo,side/geo]", "gap=5")
    lay_out = open_layout(config)
    asked = [(WIDE, 1, True), (WIDE, 1, True), (WIDE, 2, True), (WIDE, 1, False), (HIGH, 1, True)]
    for number, (hw, people, has_cameras) in enumerate([*asked, *asked]):
        name, photo, fits = f"sheet_{number}", Path(f"{number}.jpg"), tuple(range(number, number + people))
        found = lay_out(name, photo, hw, fits=fits, has_cameras=has_cameras)
        assert found == lay_out_sheet(
            name,
            photo,
            hw,
            config.panel_specs(),
            fits,
            columns=config.columns,
            free_hw="auto",
            gap=5,
            outside=config.outside,
            has_cameras=has_cameras,
        )


def test_each_sheet_that_is_too_large_is_named():
    lay_out = open_layout(configure("panels=[camera/geo]"))
    for name in ("first", "second"):
        with pytest.raises(PhotoError, match=f"{name}.jpg: 1 frame"):
            lay_out(name, Path(f"{name}.jpg"), (30_000, 30_000), fits=(0,), has_cameras=True)
