"""A study as a document of its own: what it measured and recommends, as one HTML or PDF file."""
