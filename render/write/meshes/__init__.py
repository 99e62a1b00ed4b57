"""Posed bodies as files of meshes."""
