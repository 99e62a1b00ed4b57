"""Strangers' files of arrays and meshes, read as data."""
