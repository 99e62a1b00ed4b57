"""Points that a CPU colours side by side."""
