"""What a visitor sees and touches of it: panels, remembered results, players."""
