"""The arrays that travel between the stages.

Each stage imports these types and no other stage. A type checks the shapes of its arrays when it is made and
prints shapes, never data. Nothing here imports torch: settings and help use some of the types.

Pixel rule, for all of them: x right, y down, z away from the viewer; pixel (row r, column c) covers
[c, c + 1) x [r, r + 1), so its centre is (c + 0.5, r + 0.5).
"""
