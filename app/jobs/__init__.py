"""What several pages share about jobs: the trainable study, the host, links to Train, and queue progress."""
