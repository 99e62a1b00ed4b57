"""A body in five lines: python examples/body.py"""

import numpy as np

from render import build_sheets, load_body, pose_bodies, rasterize_sheets, shade_sheets, write_sheets

bodies = pose_bodies(load_body(), np.tile(np.eye(3), (1, 24, 1, 1)), np.zeros((1, 10)), up="y")
panels = ["camera/studio/white+shadow", "orbit:60:10/normal"]
sheets = build_sheets(bodies, panels, size_px=(480, 560), fit="bodies")
pictures = shade_sheets(sheets, rasterize_sheets(sheets), edges="smooth")
print(*write_sheets(sheets, pictures, "outputs/examples/body"))
