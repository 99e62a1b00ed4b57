"""What is free to fetch: fit files and charts, over HTTP."""
