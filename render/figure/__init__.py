"""Figures for papers: their layout in millimetres, and the files that hold it."""
