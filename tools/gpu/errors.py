"""What goes wrong with the kit and can be mended by whoever runs it."""


class KitError(Exception):
    """Says what was expected, what was found and what to do."""
