"""The steps, each a module that is run: --notes FILE --device D [--dry-run] and words of its own."""
