"""What `from render import ...` gives: the stages of a run, for people who write their own code.

Bodies, or any meshes, are posed, framed on sheets, rasterized, shaded and written; each stage's result can be
looked at, changed or handed to other code, PyTorch3D's shaders among it. x is right, y down, z away from the
viewer.
"""
