"""Comparisons: batches and their partners, to numbers and to panels side by side."""
