"""Videos: their frames as photos, decoded in order, and never written to the disk."""
