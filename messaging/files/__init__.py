"""Files that belong to messages: sealed bytes under ids that their senders chose."""
