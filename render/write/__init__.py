"""Encoders: from the pixels of a sheet to the bytes of its file."""
