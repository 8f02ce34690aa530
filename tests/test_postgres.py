"""What a database does in its own way, once more on a real Postgres, all in one pytest of its own.

The log, jobs, keys; forms and recording; the gate's table, its releases and their race; uploads twenty at once, in
pieces, to their limits; ids looked for by their first digits, packed ids and counted recalls in the audit.
"""

import subprocess
import sys

from tests.services import ROOT, postgres_environment

# File -> tests, or none for all of them.
SUITES: dict[str, tuple[str, ...]] = {
    "audit/test_record.py": (),
    "audit/test_verify.py": (),
    "audit/test_keys.py": (),
    "core/test_jobs.py": (),
    "core/test_vault.py": (),
    "consent/test_forms.py": (),
    "consent/test_recording.py": (),
    "consults/test_gate.py": (
        "test_gate_agrees_with_the_rule_on_every_combination",
        "test_what_was_visible_is_gone_at_once",
    ),
    "consults/test_release.py": (
        "test_race_of_withdrawal_against_release",
        "test_release_looks_again_under_its_locks",
        "test_the_database_refuses_a_published_case",
        "test_the_database_refuses_a_release",
        "test_the_database_takes_a_release_under_a_consent",
    ),
    "consults/test_consent_audit.py": ("test_queries_do_not_grow_with_the_table",),
    "consults/test_audit_pages.py": ("test_more_of_the_filter", "test_paging_shows_every_post_once"),
    "consults/test_audit_kept.py": (
        "test_a_consent_in_no_export_marks_nothing",
        "test_a_withdrawal_marks_the_exports_that_hold_it",
        "test_an_export_remembers_which_consents_it_held",
        "test_the_list_of_exports_is_paged",
    ),
    "consults/test_audit_command.py": ("test_the_command_keeps_to_its_days_and_formats",),
    "faults/test_uploads.py": (
        "test_a_case_holds_twenty_pictures",
        "test_bad_files_are_refused_with_a_sentence_and_the_good_one_goes_on",
        "test_the_form_without_scripts_takes_many_and_sent_twice_is_once",
        "test_twenty_times_at_once_with_one_key_is_one_picture",
    ),
    "faults/test_uploads_in_pieces.py": (
        "test_a_discarded_draft_takes_its_pieces_along",
        "test_a_file_goes_on_where_it_stopped",
        "test_a_piece_out_of_step_is_not_kept",
        "test_called_off",
        "test_the_database_knows_no_more_than_the_whole",
    ),
}


def test_the_same_on_postgres(postgres_url: str) -> None:
    chosen = [
        f"tests/{file}::{name}" if name else f"tests/{file}"
        for file, names in SUITES.items()
        for name in names or ("",)
    ]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "not sqlite_only", *chosen]
    where = postgres_environment(postgres_url)
    # Else the settings would load before conftest.py has chosen the data folder that it empties.
    del where["DJANGO_SETTINGS_MODULE"]
    done = subprocess.run(command, cwd=ROOT, env=where, capture_output=True, text=True, timeout=1500)
    assert done.returncode == 0, done.stdout[-5000:]
    assert " passed" in done.stdout
    assert " skipped" not in done.stdout
