"""Files: names, digests, the output folder, and what the file system says."""
