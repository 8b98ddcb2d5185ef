"""The table of doors: every route and who may enter, kept by hand. A new route is red until it stands here."""

from collections.abc import Mapping

from parentportal.rules.roles import Role
from parentportal.rules.step_ups import Act

GUARDIAN = frozenset({Role.GUARDIAN})
OFFICE = frozenset({Role.ADMINISTRATION, Role.DIRECTOR})
DIRECTOR = frozenset({Role.DIRECTOR})
CLASSROOM = frozenset({Role.TEACHER, Role.DIRECTOR})
TEACHER = frozenset({Role.TEACHER})
DECIDERS = frozenset({Role.DIRECTOR, Role.BOARD})
HANDLERS = TEACHER | DECIDERS
SCHOOL = frozenset({Role.TEACHER, Role.SUPPORT, Role.ADMINISTRATION, Role.DIRECTOR})
OVERSIGHT = frozenset({Role.BOARD, Role.COORDINATOR, Role.OFFICER, Role.TECHNICAL})
EVERYBODY = frozenset(Role)
ANYONE = "anyone"

_LISTS: Mapping[frozenset[Role] | str, str] = {
    ANYONE: """
        public.accessibility public.choose_language public.documents public.glossary public.help public.home
        public.livez public.privacy_notice public.readyz public.report_misuse public.rights public.rights_for_children
        sign_in.activate sign_in.activate_with sign_in.choose_password sign_in.choose_role sign_in.clean
        security.ask_to_activate security.ask_to_sign_in sign_in.choose_way sign_in.make_passkey
        sign_in.passkey_failed sign_in.use_passkey
        sign_in.confirm_child sign_in.confirm_email sign_in.do_without_email sign_in.enter_code
        sign_in.enter_email sign_in.enter_saved_code sign_in.go_on sign_in.keep_codes sign_in.lost_phone
        sign_in.renew_key sign_in.set_up_app sign_in.show_name sign_in.sign_out sign_in.signed_out
        sign_in.skip_codes sign_in.start
        sign_in.choose_new_password sign_in.forgot_password sign_in.prove_reset sign_in.reset_asked sign_in.reset_with
        sign_in.restore_address sign_in.restore_address_with
    """,
    GUARDIAN: """
        parent.access parent.add_item parent.address_request parent.change_line parent.check_request
        parent.child_category parent.child_consents parent.child_items parent.child_recipient
        parent.child_recipients parent.choose_item parent.choose_request parent.consent_receipt parent.consents
        parent.disagree parent.discard_request parent.explain_request parent.home parent.items parent.more
        parent.own_data parent.privacy_request parent.privacy_requests parent.remove_line parent.request_sent
        parent.reveal_category parent.reveal_number parent.reveal_own_number parent.start_correction
        parent.start_erasure parent.stop_request parent.undo_consent
    """,
    OFFICE: """
        school.add_staff school.give_role school.paper_notices school.print_notices school.print_staff_letters
        school.printed_notices school.reissue_staff_letter school.renew_staff_letters school.revoke_staff_letter
        school.staff_letter school.staff_letters
        school.authorities school.change_leave school.choose_twin school.confirm_authority
        school.ask_recovery school.confirm_recovery school.counter_recoveries school.recover_person
        school.recovery school.counter_code school.stop_recovery
        school.confirm_families school.consent_lists school.download_consents school.end_assignment
        school.end_authority school.flag_authority school.group school.group_invitations school.groups
        school.home school.import_delivery school.import_problems school.imports school.invitation
        school.invitations school.merge_adults school.paper_consents school.paper_form school.paper_group
        school.paper_letter school.people school.print_letters school.reissue school.renew_letters
        school.reopen_import school.reopen_task school.revoke school.settle_import school.show_family
        school.staff school.task school.tasks
    """,
    DIRECTOR: "school.end_role",
    CLASSROOM: """
        school.group_purposes school.group_sheet school.group_sheet_print school.group_sheets
    """,
    HANDLERS: """
        school.ask_guardian school.inbox school.note_request school.pick_up_request school.privacy_request
    """,
    TEACHER: "school.grant_request school.pass_request school.propose_outcome",
    DECIDERS: """
        school.close_request school.decide_request school.extend_request school.reopen_request
        school.return_proposal
    """,
    SCHOOL: "school.more",
    OVERSIGHT: "oversight.home oversight.more",
    EVERYBODY: """
        security.ask_to_confirm security.confirm security.show security.stay security.time_left
        security.add_app security.add_passkey security.ask_to_add security.begin_app security.change_password
        security.confirm_codes security.download_codes security.end_other_sessions security.end_session
        security.explain_codes security.history security.make_codes security.remove_app security.remove_passkey
        security.rename_passkey
        security.change_address security.confirm_address security.stop_address_change
    """,
}

DOORS: Mapping[str, frozenset[Role] | str] = {
    endpoint: who for who, endpoints in _LISTS.items() for endpoint in endpoints.split()
}

NOT_NOW: Mapping[tuple[str, str], str] = {
    ("noor", "parent.disagree"): "her case is not closed yet",
    ("ilse", "school.ask_guardian"): "she has not picked the case up",
    ("ilse", "school.propose_outcome"): "she has not picked the case up",
    ("hanna", "school.ask_guardian"): "the case is with the teacher",
    ("hanna", "school.reopen_request"): "the case is not closed yet",
    ("hanna", "school.return_proposal"): "nobody proposed anything yet",
} | {
    (name, f"security.{door}"): "it is Noor's own"
    for name in ("ilse", "hanna", "petra", "hugo")
    for door in ("remove_app", "remove_passkey", "rename_passkey")
}
"""Doors that the walk finds shut although the person belongs there, because of where the case stands."""

_ACTS: Mapping[Act, str] = {
    Act.REVEAL: "parent.reveal_number parent.reveal_own_number",
    Act.RECOVERY: "school.ask_recovery school.confirm_recovery school.counter_code",
    Act.ROLES: "school.add_staff school.give_role",
    Act.GUARDIANS: "school.confirm_authority school.confirm_families school.end_authority school.merge_adults",
    Act.ADDRESS: "security.change_address security.confirm_address security.stop_address_change",
    Act.WAYS_IN: """
        security.add_app security.add_passkey security.ask_to_add security.begin_app security.change_password
        security.confirm_codes security.download_codes security.explain_codes security.make_codes
        security.remove_app security.remove_passkey security.rename_passkey
    """,
}

STEP_UPS: Mapping[str, Act] = {endpoint: act for act, endpoints in _ACTS.items() for endpoint in endpoints.split()}
"""The doors that ask for a fresh second factor, and for which act; kept by hand like the doors themselves."""
