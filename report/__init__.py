"""What people look at: the report, one HTML file, and the app for Streamlit in Snowflake.

`python -m report` writes the report. `app` is the Streamlit app. Both read through `reading` and
share `words`, `sentences` and charts.
"""
