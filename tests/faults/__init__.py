"""What must hold while processes die, databases go away and sockets break."""
