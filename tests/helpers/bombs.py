"""Objects in pickles that would run something as they are loaded."""


class Bomb:
    """Says so when it is run."""

    def __reduce__(self) -> tuple:
        return (print, ("executed",))
