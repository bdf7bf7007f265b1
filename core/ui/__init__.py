"""SegScope's face: the only package that imports Streamlit. Nothing here waits for PyTorch."""
