"""Annotations over panels: boxes, joints, captions."""
