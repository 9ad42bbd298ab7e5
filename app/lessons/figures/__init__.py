"""The figures of each lesson: one module per lesson."""
