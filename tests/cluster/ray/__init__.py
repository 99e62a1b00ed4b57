"""executor=ray on a cluster of two nodes, both on this machine."""
