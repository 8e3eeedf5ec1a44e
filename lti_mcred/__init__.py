"""lti_mcred: micro-credentials inside the LMS you already have."""
