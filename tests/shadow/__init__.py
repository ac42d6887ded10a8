"""Shadow runs: what a trial would have said, and that it can never reach the answer."""
