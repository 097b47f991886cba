"""The table of faults: what people tripped over, by number, and the tests that hold each right.

Each row was an input that failed. A test of a row may look for siblings of the same kind; what it says is the name of
the test. The two tests below hold the table against the files.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent

ROWS = {
    "1 the last of two properties counts": """
        judge/test_as_clients_send.py::test_the_last_of_two_properties_counts_with_a_warning
        judge/test_as_clients_send.py::test_a_merge_patch_with_two_spellings_is_told_too""",
    "2 an empty argument": "judge/test_as_clients_send.py::test_an_empty_argument_counts_as_not_given",
    "3 the tenant at a wrong place": "judge/test_as_clients_send.py::test_the_hint_gives_the_address_that_was_meant",
    "4 the place of a missing comma": "judge/test_as_clients_send.py::test_a_missing_comma_has_the_place_of_the_reader_that_forgives_most",
    "5 JSON that curl calls a form": "judge/test_as_clients_send.py::test_a_body_that_curl_calls_a_form_is_told_the_right_type",
    "6 a raw line break": "judge/test_as_clients_send.py::test_a_raw_line_break_in_a_text_is_read_with_a_warning",
    "7 advice is not redacted": "judge/test_as_clients_send.py::test_advice_is_not_redacted_and_what_came_in_is",
    "8 GET of an agent": "judge/test_as_clients_send.py::test_a_get_of_an_agent_method_says_that_post_runs_it",
    "9 a column as it was typed": "judge/test_as_clients_send.py::test_a_column_is_quoted_as_it_was_typed",
    "10 a body without a type": "judge/test_as_clients_send.py::test_a_body_without_a_type_gets_the_text_of_the_framework",
    "11 encoded addresses of WireMock": "recording/test_imports.py::test_addresses_of_a_mapping_are_decoded_and_its_parameters_are_not",
    "12 base64 of Ruby's VCR": """
        recording/test_imports.py::test_a_cassette_of_ruby_is_read_whole
        recording/test_imports.py::test_base64_in_a_file_by_hand_is_looked_through""",
    "13 !binary of Ruby's VCR": "recording/test_imports.py::test_a_cassette_of_ruby_is_read_whole",
    "14 plain text called base64": "recording/test_imports.py::test_a_plain_text_that_is_called_base64_is_kept",
    "15 assertions with a typo": """
        testing/test_assertions.py::test_a_misspelt_name_is_an_error_and_no_green_test
        testing/test_assertions.py::test_the_admin_api_checks_names_too""",
    "16 a mistake in expect": """
        testing/test_assertions.py::test_a_mistake_in_expect_is_one_line_at_the_line_of_the_test
        testing/test_assertions.py::test_expect_takes_a_method_and_a_path""",
    "17 a library that is not there": "testing/test_assertions.py::test_a_library_that_is_not_there_is_named_with_what_to_install",
    "18 the sweep's silence": "testing/test_sweep.py::test_the_silence_of_a_sweep_is_longer_than_a_stock_client_waits",
    "19 texts after a clear": """
        testing/test_assertions.py::test_two_texts_after_a_clear_are_both_found
        testing/test_assertions.py::test_what_a_step_expected_is_not_the_text_of_a_call""",
    "20 misspelt grants": """
        test_config.py::test_a_misspelt_agent_is_refused_with_the_nearest
        test_config.py::test_so_is_one_of_a_world
        test_cli.py::test_a_misspelt_grant_is_refused_with_the_nearest
        testing/test_plugin.py::test_what_is_wrong_with_a_marker_is_one_line""",
    "21 a clock, a signal, a package": """
        testing/test_assertions.py::test_a_clock_says_what_it_takes
        testing/test_assertions.py::test_a_signal_that_nobody_hears_says_so
        testing/test_assertions.py::test_python_runs_the_package""",
    "22 a handler that fails": """
        web/test_admin.py::test_a_bug_of_ours_is_a_500_with_its_trace_in_the_journal
        web/test_admin.py::test_a_bug_in_the_midst_of_an_export_breaks_it_off_and_is_written_down""",
    "23 a body that breaks off": "web/test_framing.py::test_a_body_that_breaks_off_is_400_and_written_down",
    "24 names with underscores": "web/test_framing.py::test_names_with_underscores_are_names_of_their_own",
    "25 a token without a scheme": "redaction/test_plant.py::test_none_is_in_the_journal",
    "26 whatever is read is redacted": "redaction/test_plant.py::test_none_is_in_the_journal",
    "27 a name beside its value": """
        redaction/test_plant.py::test_none_is_in_the_journal
        redaction/test_plant.py::test_none_is_in_a_recording""",
    "28 patterns of others": """
        matching/test_patterns.py::test_what_takes_re_for_ever_is_compared_at_once
        matching/test_patterns.py::test_the_patterns_of_a_jsonpath_are_bounded
        matching/test_patterns.py::test_a_jsonpath_that_looks_at_everything_again_and_again_ends_in_an_error""",
    "29 templates of others": "scenario/test_template.py::test_a_template_whose_value_would_be_large_is_refused_before_it_is_made",
    "30 redaction of long texts": "redaction/test_echoes.py::test_twice_the_text_with_twice_the_secrets_takes_about_twice_the_time",
    "31 nothing recorded is lost": """
        recording/test_rescue.py::test_a_place_below_a_file_is_refused
        recording/test_rescue.py::test_a_body_for_which_the_disk_is_full_goes_on_and_is_counted
        web/test_record_command.py::test_a_terminal_that_goes_away_loses_nothing
        web/test_record_command.py::test_a_recording_that_cannot_be_written_is_kept_and_its_place_told""",
    "32 waiting is cheap": """
        web/test_admin.py::test_who_waits_for_calls_holds_no_bodies
        web/test_admin.py::test_a_stream_tells_what_was_missed_in_pages""",
    "33 a right syntax, a wrong shape": """
        recording/test_imports.py::test_a_mapping_of_a_wrong_shape_is_listed
        recording/test_imports.py::test_no_mutation_of_a_file_is_a_traceback""",
    "34 many connections": """
        web/test_many_connections.py::test_others_are_served_beside_hundreds_of_slow_heads
        web/test_many_connections.py::test_hundreds_of_busy_connections_do_not_keep_a_server_from_its_end""",
    "35 a failure beside the engine's care": """
        test_engine.py::test_a_failure_before_there_is_a_call_is_a_500_written_down_and_told
        test_engine.py::test_a_failure_that_the_journal_does_not_take_either_is_told""",
    "36 a fork": "web/test_fork.py::test_a_child_is_refused_with_the_reason_and_the_parent_goes_on",
    # The nineteen files of newcomers, which have names.
    "y files that never match": "scenario/test_reach.py::test_a_step_that_never_answers_is_told_in_one_line_with_its_cure",
    "y files of a wrong shape": """
        scenario/test_reach.py::test_a_file_of_a_wrong_shape_is_told_in_one_line_with_its_cure
        scenario/test_reach.py::test_a_template_without_quotes_is_told_first""",
    # Beyond the table.
    "framing headers of a scenario": """
        scenario/test_framing.py::test_a_framing_header_is_refused_at_its_place
        web/test_faults.py::test_a_framing_that_is_broken_on_purpose_is_sent_as_the_step_has_it""",
}


@cache
def names_in(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("row", ROWS)
def test_every_row_has_tests_that_are_there(row):
    tests = ROWS[row].split()

    assert tests
    for test in tests:
        file, _, name = test.partition("::")
        assert name in names_in(file), test


def test_every_number_of_the_table_has_its_row():
    numbers = [int(row.split()[0]) for row in ROWS if row.split()[0].isdigit()]

    assert numbers == list(range(1, 37))
