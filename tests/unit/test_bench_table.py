"""What `make bench` says about the figures it found."""

from bench.table import Round, Target, medians, program_lines, ratios, target_lines


def test_each_figure_is_the_median_of_its_rounds_and_losses_add_up() -> None:
    rounds = [Round("a", 10, 5, 2, 1, lost=1), Round("a", 30, 9, 4, 3), Round("a", 20, 7, 3, 2, lost=2)]
    assert medians(rounds) == {"a": Round("a", 20, 7, 3, 2, lost=3)}


def test_a_program_that_is_half_as_fast_makes_ours_twice_as_fast() -> None:
    lines = program_lines([Round("lti_mcred", 50, 1, 1, 1), Round("other", 25, 1, 1, 1)])
    assert lines[-1].startswith("| other | 25.0 | 2.00 times |")


def test_programs_are_compared_turn_by_turn_because_a_machine_has_slow_minutes() -> None:
    rates = {"lti_mcred": (100, 50, 10), "other": (50, 25, 20)}
    rounds = [Round(name, rates[name][turn], 1, 1, 1) for turn in range(3) for name in rates]
    assert ratios(rounds) == {"lti_mcred": 1.0, "other": 2.0}


def test_a_target_that_is_missed_says_so() -> None:
    lines = target_lines([Target("slow", 6, 5, "ms"), Target("fast", 1.5, 1.5, "times", at_least=True)])
    assert lines[2] == "| slow | 6.00 ms | ≤ 5 ms | no |"
    assert lines[3] == "| fast | 1.50 times | ≥ 1.5 times | yes |"
