"""What can be asked on the command line, a module for each kind of asking; imports nothing but click at the top."""
