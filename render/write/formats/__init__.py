"""The output formats, one a module: its encoders and, in `FORMAT`, what it keeps."""
