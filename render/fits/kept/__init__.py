"""What has been read from fit files, kept as arrays for the next start, and hashed person by person."""
