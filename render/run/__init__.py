"""The run: from settings to a folder of sheets."""
