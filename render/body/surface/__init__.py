"""What bodies are painted with: UV maps of their own, DensePose's atlas, and colours of their vertices."""
