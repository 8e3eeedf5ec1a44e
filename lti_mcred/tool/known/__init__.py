"""What is known of connected LMSs: registrations, deployments, people and their powers now, what was refused."""
