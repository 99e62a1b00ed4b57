"""Sheets: from a list of panels to where each body is drawn on each of them, and what lies behind."""
