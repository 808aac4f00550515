"""What operators run: backups and restores of real sites."""
