"""The trained reader: a small network that weighs the grammar's candidates, and never makes one of its own."""
