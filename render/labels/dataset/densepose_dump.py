"""The data set's `densepose.jsonl`: a line a person, what a DensePose network would have said of them.

The keys are those of detectron2's `apply_net.py dump`, and the chart is in DensePose's compressed form, so
that no pickle and none of its classes are needed to read it.
"""

from __future__ import annotations

from typing import Any

from render.labels.json_text import format_json

DUMP_NAME = "densepose.jsonl"


def format_dump_line(image: dict[str, Any], number: int, person: dict[str, Any]) -> str:
    """The line of a person.

    Args:
        image: Of the sidecar.
        number: Id of their annotation in `annotations.json`.
        person: What the sidecar says of them, with a chart.
    """
    x, y, w, h = person["bbox"]
    line = {
        "file_name": image["file_name"],
        "annotId": number,
        "pred_boxes_XYXY": [x, y, x + w, y + h],
        # A network's certainty; a fit is what it is.
        "scores": 1.0,
        "shape_chw": person["densepose"]["shape_chw"],
        "labels_uv_str": person["densepose"]["labels_uv_str"],
    }
    if "crop" in image:
        line["crop"] = image["crop"]
    return f"{format_json(line)}\n"
