"""Places that are not folders of the disk: object stores, and the web."""
