"""Formats of motion: sequences of one person or of many, most of them in a world that has an up."""
