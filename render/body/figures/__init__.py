"""Figures that other packages have, read once as the arrays of a skin."""
