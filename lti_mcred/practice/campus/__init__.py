"""What a campus has, whatever LMS it plays: a desk, courses, gradebook, class list, launches, faults to switch on."""
