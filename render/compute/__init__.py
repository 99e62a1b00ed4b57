"""Computing: devices, Warp's kernels, memory, threads, and work in steps."""
