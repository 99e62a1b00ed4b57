"""Other ways to draw the same sheets, beside ours: python -m benchmarks.peers"""
