"""Figures: from a declaration to pictures at the pixels that the paper asks for, and to the files of it."""
