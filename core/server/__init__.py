"""What a request meets before and after Streamlit."""
