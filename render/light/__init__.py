"""The studio's light: what of it reaches a point that other surfaces may hide."""
