"""Parsers of meshes, one a format: of bytes that they do not trust, and of nothing beside them."""
