"""All that a file of arrays holds, by its kind."""
