"""Modes in the light of a studio whose shadows are known: one a material."""
