"""How much of a body's volume its surface goes around more than once."""
