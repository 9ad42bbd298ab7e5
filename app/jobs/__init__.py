"""What several pages share about jobs: whose they are, what is trained, the host, and how far the queue is."""
