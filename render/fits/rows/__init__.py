"""Which rows of a fit file a run takes."""
