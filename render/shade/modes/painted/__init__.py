"""Modes that show what a body is painted with, in the light of clay."""
