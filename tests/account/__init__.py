"""The account that the integration tests run against, and a look at it before they do."""
