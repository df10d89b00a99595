"""What people look at: the report as one HTML file, and a Streamlit in Snowflake app."""
