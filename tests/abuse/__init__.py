"""What anonymous and greedy clients may cost a process."""
