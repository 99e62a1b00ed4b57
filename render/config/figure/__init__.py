"""Figures as their authors declare them: a YAML file and settings, checked key by key."""
