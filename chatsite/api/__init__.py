"""The API's table of addresses, its document, and what needs several apps together."""
