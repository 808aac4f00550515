"""Messages: the store, the hub that carries them, the socket. All of it ciphertext."""
