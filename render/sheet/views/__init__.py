"""The views, one a module.

A view's name is its module's, the first line of its docstring says what it shows, and its `VIEW` holds what
it needs. Torch is imported by `load_frame` alone: see `render.sheet.view`.
"""
