"""What is known of connected LMSs: registrations, deployments, their people, what was refused and granted."""
