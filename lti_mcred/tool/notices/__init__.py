"""What an LMS tells by itself: notices of the Platform Notification Service."""
