"""The table of label layers in the documentation, out of what the layers say of themselves.

`python -m tests.helpers.layer_table` prints it.
"""

from render.labels.layer import ALPHA, AMODAL, DENSEPOSE, KEYPOINTS, LAYERS, MOST, SPECIAL, LayerSpec, Store

HEAD = "| layer | what it is | channels | values v | stored as | nobody | needs |"
NEEDS = {
    "charts": "DensePose's charts",
    "uv": "a UV map",
    "weights": "a body with SMPL's joints",
    "pinhole": "a pinhole camera",
    "world": "a known world",
}
# What and values of those that are not of the point in front.
OF_SPECIAL = {
    ALPHA: ("How much of the pixel bodies cover.", "0 to 1 in sixteenths, 1 inside"),
    AMODAL: ("Each person as if alone, a mask each.", "1 on that person"),
    DENSEPOSE: ("Chart and points, in `KEY.json`.", "as DensePose has them"),
    KEYPOINTS: ("Joints, in `KEY.json`.", "x, y in px; 0 not in the picture, 1 hidden, 2 seen"),
}


def format_table() -> str:
    """The lines of the table."""
    rows = [HEAD, "|---" * (HEAD.count("|") - 1) + "|"]
    for name in LAYERS.names:
        layer = LAYERS.load(name)
        needs = ", ".join(NEEDS[need] for need in sorted(layer.needs))
        rows.append(_format_row(name, LAYERS.describe(name), layer.channels, layer.unit, layer.stores, needs))
    for name, precisions in SPECIAL.items():
        stores = {precision: LayerSpec(name, precision).store for precision in precisions}
        channels = LayerSpec(name, "").layer.channels if stores else ()
        needs = ", ".join(NEEDS[need] for need in sorted(LayerSpec(name, "").layer.needs))
        rows.append(_format_row(name, *OF_SPECIAL[name][:1], channels, OF_SPECIAL[name][1], stores, needs))
    return "\n".join(rows) + "\n"


def _format_row(
    name: str, what: str, channels: tuple[str, ...], unit: str, stores: dict[str, Store], needs: str
) -> str:
    # Stores of the same numbers stand together.
    by_formula: dict[str, list[str]] = {}
    for precision, store in stores.items():
        by_formula.setdefault(_format_store(precision, store, channels), []).append(f"`{precision}`")
    stored = "; ".join(f"{', '.join(names)}: {formula}" for formula, names in by_formula.items())
    nobody = "0" if stores else ""
    return (
        f"| `{name}` | {what.rstrip('.')} | {', '.join(channels)} | {unit} | {stored} | {nobody} | {needs} |"
    )


def _format_store(precision: str, store: Store, channels: tuple[str, ...]) -> str:
    of = ("v",) if len(store.scale) == 1 else channels
    terms = [name if scale == 1 else f"{scale:g} {name}" for scale, name in zip(store.scale, of, strict=True)]
    formula = ", ".join(terms) + (f" + {store.offset:g}" if store.offset else "")
    # Floats, and whole numbers as they are, lose nothing or are rounded as floats are.
    if precision not in MOST or formula == "v":
        return formula
    return f"{formula}, {'truncated' if store.rounds_down else 'rounded'}"


if __name__ == "__main__":
    print(format_table(), end="")
