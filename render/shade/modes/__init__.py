"""The modes, one a module.

A mode's name is its module's, the first line of its docstring says what it shows, and its `MODE` holds what
makes its shading function and what that needs. Warp is imported by that alone: see `render.shade.mode`.
"""
