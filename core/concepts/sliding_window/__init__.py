"""The sliding window against one pass: windows, bill, race."""
