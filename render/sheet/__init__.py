"""Sheets: from a list of panels to shots, to where each body is drawn in each, and to what lies behind."""
