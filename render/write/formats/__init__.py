"""The output formats, one a module: `encode` and, in `FORMAT`, what it keeps."""
