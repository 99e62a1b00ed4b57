"""The annotations, one a module: what paints it is its `ANNOTATION`."""
