"""Kinds of body models, one a module: `open_body(path, name, device)` gives a `BodyModel`."""
