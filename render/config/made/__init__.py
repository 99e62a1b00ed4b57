"""Whether the settings of a run fit what its job makes."""
