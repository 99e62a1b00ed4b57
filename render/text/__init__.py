"""Letters of any script, as pixels and as lengths."""
