"""What every page shares: URL, errors, formatting, glossary, sidebar."""
