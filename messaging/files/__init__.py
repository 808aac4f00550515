"""Files that belong to messages: encrypted bytes under ids that their senders choose."""
