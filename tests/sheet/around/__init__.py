"""Tests of views around bodies."""
