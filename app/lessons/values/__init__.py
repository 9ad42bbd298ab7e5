"""The numbers in the prose of each lesson, computed from bundled studies: one module per lesson."""
