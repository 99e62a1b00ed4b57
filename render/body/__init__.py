"""Bodies: model files, skinning, vertex normals, charts and extents."""
