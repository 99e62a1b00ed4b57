"""The documentation's table of the columns of an audit, out of what measures say of themselves.

`python -m tests.helpers.measure_table` prints it.
"""

from render.review.audit.compare import SUFFIX
from render.review.compare.photo import SUMMED
from render.review.measure import MEASURES, Column

HEAD = "| column | what it is | unit | bad |"
# Of counts for the whole set there are many, all alike.
_COUNTS = "Pixels of each class, right and wrong, of which the scores of the whole set are made"


def format_table() -> str:
    """The lines of the table: a line for what a measure is, then one for each of its columns."""
    rows = [HEAD, "|---" * (HEAD.count("|") - 1) + "|"]
    for name in MEASURES.names:
        rows.append(f"| | **{MEASURES.describe(name).rstrip('.')}** | | |")
        columns = MEASURES.load(name).columns
        rows += [_format_row(column) for column in columns if column.name not in SUMMED]
        if any(column.name in SUMMED for column in columns):
            rows.append(f"| `{SUMMED[0]}` to `{SUMMED[-1]}` | {_COUNTS} | px |  |")
    return "\n".join(rows) + "\n"


def _format_row(column: Column) -> str:
    about = column.about.rstrip(".").replace("|", "\\|")
    if column.choices:
        about += f": {', '.join(column.choices)}"
    name = f"`{column.name}`"
    if column.is_compared:
        name += f", `{column.name}{SUFFIX}`"
    return f"| {name} | {about} | {column.unit} | {column.worst} |"


if __name__ == "__main__":
    print(format_table(), end="")
