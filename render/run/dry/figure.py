"""What is said of a figure that would be made: whom it shows, and which photos it lacks."""

from __future__ import annotations

from render.config.figure.declare import DEFAULT_ROWS
from render.config.schema import Config
from render.figure.writers.typst_files import open_typst
from render.run.dry.absent import describe_absent_demo
from render.run.dry.room import check_writable, describe_place
from render.run.dry.say import Answer
from render.run.figures.samples import find_rows
from render.run.figures.table import open_table
from render.run.folders import check_folders
from render.run.opening.inputs import open_dataset


def describe_figure(config: Config) -> Answer:
    """Reads fits and finds the people of all rows; how large pictures become, only drawing tells.

    Args:
        config: The settings.

    Raises:
        RenderError: It could not be made.
    """
    spec = config.figure_spec()
    open_typst()
    if (absent := describe_absent_demo(config)) is not None:
        return Answer([("dataset", absent)])
    dataset = open_dataset(config.dataset)
    check_folders(config.output.dir, dataset.image_dir, config.has_photos)
    check_writable(config.output.dir)
    table = open_table(config, dataset, spec)
    rows = find_rows(spec, table, DEFAULT_ROWS)
    photos = dataset.open_photos(table.selection.valid)
    names = list(dict.fromkeys(row.image_name for row in rows))
    missing = [name for name in names if photos.has_photos and not photos.has(name)]
    photos.close()
    lines = [
        ("figure", f"{spec.name}: {len(rows)} rows, {len(spec.columns)} columns"),
        ("images", ", ".join(names)),
    ]
    if missing:
        lines.append(("photos", f"{len(missing)} are missing or empty, the first is {missing[0]}"))
    # It is made whole or not at all.
    return Answer([*lines, ("output", describe_place(config.output.dir))], stops=bool(missing))
