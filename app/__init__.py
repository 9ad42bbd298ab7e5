"""The Streamlit shell. Reads studies and draws them; never imports torch."""
