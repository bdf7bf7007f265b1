"""Parts of pages that are too long for a page: each draws one idea from numbers that ``core`` computed."""
