"""Kernels before a run: which of them it launches, and the command that compiles them ahead."""
