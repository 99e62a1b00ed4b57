"""From a page and the pixels of its pictures to the content of files."""
