"""What the portal needs from the world around it: time, secrets, mail and pictures of codes."""
