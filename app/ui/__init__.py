"""What every page shares: address, errors, formatting, glossary, sidebar."""
