"""What people see: differing words, tables and charts for the terminal."""
