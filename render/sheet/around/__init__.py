"""Views around bodies: which way is up, what there is to see, and from how near."""
