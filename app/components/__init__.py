"""Browser components of our own: what Streamlit's widgets can't do without a round trip."""
