"""A body in five lines: python examples/body.py"""

import numpy as np

from render import build_sheets, load_body, pose_bodies, rasterize_sheets, shade_sheets, write_sheets

bodies = pose_bodies(load_body(), np.tile(np.eye(3), (1, 24, 1, 1)), np.zeros((1, 10)), up="y")
sheets = build_sheets(
    bodies, ["camera/studio/white+shadow", "orbit:60:10/normal"], size_px=(480, 560), fit="bodies"
)
fragments = rasterize_sheets(sheets)
pictures = shade_sheets(sheets, fragments, edges="smooth")
print(*write_sheets(sheets, pictures, "outputs/examples/body"))
