"""How an LMS comes to know us: invitations and dynamic registration."""
