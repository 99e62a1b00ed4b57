"""Engines: a driver that divides a run into shards, and crews of workers that draw them."""
