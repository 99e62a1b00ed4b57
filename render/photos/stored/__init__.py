"""Photos that are no files of their own: members of archives, and what lies at URLs."""
