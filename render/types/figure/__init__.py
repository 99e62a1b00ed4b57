"""Figures: as their authors declare them, and as they lie on the paper."""
