"""What is known of the LMSs that are connected: registrations, deployments, their people, what they refused and granted."""
