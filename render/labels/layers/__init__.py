"""Our layers, one a module: the value of a point and, in `LAYER`, how it is stored."""
