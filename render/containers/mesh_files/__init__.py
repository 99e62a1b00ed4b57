"""Meshes in files, a module each: their bytes checked and made into arrays."""
