"""Tests on real clusters and servers, which take seconds to start: `make test-cluster`."""
