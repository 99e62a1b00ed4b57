"""Settings: their types, their checks, and the help on them."""
