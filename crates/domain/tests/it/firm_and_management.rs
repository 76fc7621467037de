use tickmark_domain::*;

use crate::house::*;

pub fn firm_test(control: &str) -> RecordFirmTest {
    RecordFirmTest {
        engagement: id("soc1"),
        firm_test: id("ft-1"),
        control: id(control),
        nature: Nature::Inspection,
        procedure: text("inspected"),
        finding: text("found"),
        authority: Authority::Own,
        items_tested: 25,
        deviations: 0,
        performed_on: day("2026-10-10"),
        sample: None,
        version: None,
    }
}

#[test]
fn only_the_appointed_firm_records_its_tests() {
    let mut house = House::engaged();
    house
        .act("ada", Command::AddPerson(AddPerson { person: id("zed"), profile: text("zed"), firm: Some(id("other")) }));
    house.act("ada", Command::GrantRole(GrantRole { person: id("zed"), role: Role::FirmPreparer }));
    house
        .act("lea", Command::RecordFirmTest(firm_test("LA-02")))
        .act("zed", Command::RecordFirmTest(firm_test("LA-02")))
        .act("sam", Command::RecordFirmTest(firm_test("LA-02")))
        .act("fay", Command::RecordFirmTest(firm_test("GOV-01")))
        .act("fay", Command::RecordFirmTest(RecordFirmTest { deviations: 26, ..firm_test("LA-02") }))
        .act("fay", Command::RecordFirmTest(firm_test("LA-02")))
        .act("fay", run("run-1", year(), 0));
    insta::assert_snapshot!(house.transcript, @r"
    ada: AddPerson -> PersonAdded
    ada: GrantRole -> RoleGranted
    lea: RecordFirmTest -> refused [not-of-the-firm] person `lea` is not of the firm that is appointed to this engagement
    zed: RecordFirmTest -> refused [not-of-the-firm] person `zed` is not of the firm that is appointed to this engagement
    sam: RecordFirmTest -> refused [role-missing] this needs the role firm preparer, which person `sam` does not hold
    fay: RecordFirmTest -> refused [control-out-of-scope] control `GOV-01` is outside this engagement's scope
    fay: RecordFirmTest -> refused [items-and-deviations-disagree] a test of controls counts the items tested and no more deviations than items
    fay: RecordFirmTest -> FirmTestRecorded
    fay: RecordTestRun -> refused [role-missing] this needs the role compliance lead, which person `fay` does not hold
    ");
}

#[test]
fn adopting_managements_result_needs_the_same_rows() {
    let mut house = House::engaged();
    house.act("lea", run("run-1", year(), 2));
    let entry = house.state.results[&id::<TestId>("leaver-access")][0].entry;
    let adopted = |result, rows: &str, control: &str, items| {
        Command::RecordFirmTest(RecordFirmTest {
            authority: Authority::Adopted {
                test: id("leaver-access"),
                result,
                population_digest: text("population"),
                rows_digest: text(rows),
            },
            items_tested: items,
            deviations: 2,
            ..firm_test(control)
        })
    };
    house
        .act("fay", adopted(9_999, "rows 2", "LA-02", 10))
        .act("fay", adopted(entry, "rows 2", "PAY-4-C2", 10))
        .act("fay", adopted(entry, "other rows", "LA-02", 10))
        .act("fay", adopted(entry, "rows 2", "LA-02", 25))
        .act("fay", adopted(entry, "rows 2", "LA-02", 10));
    insta::assert_snapshot!(house.transcript, @r"
    lea: RecordTestRun -> TestResultRecorded, ExceptionRaised, TestRunRecorded
    fay: RecordFirmTest -> refused [unknown-test] control test `leaver-access` is not in the catalog
    fay: RecordFirmTest -> refused [control-out-of-scope] control `PAY-4-C2` is outside this engagement's scope
    fay: RecordFirmTest -> refused [reperformance-differs] re-performing `leaver-access` gave other rows than management's result; it cannot be adopted
    fay: RecordFirmTest -> refused [items-and-deviations-disagree] a test of controls counts the items tested and no more deviations than items
    fay: RecordFirmTest -> FirmTestRecorded
    ");
}

#[test]
fn a_second_person_of_the_firm_reviews_its_test() {
    let mut house = House::engaged();
    for (person, role) in [("fay", Role::FirmReviewer), ("sam", Role::FirmReviewer)] {
        house.act("ada", Command::GrantRole(GrantRole { person: id(person), role }));
    }
    house.transcript.clear();
    let review = |firm_test: &str| {
        Command::ReviewFirmTest(ReviewFirmTest { engagement: id("soc1"), firm_test: id(firm_test), note: text("note") })
    };
    let of_version = |entry| RecordFirmTest { version: Some(entry), ..firm_test("LA-02") };
    let version = house.state.controls[&id::<ControlId>("LA-02")].versions[0].entry;
    house
        .act("fay", Command::RecordFirmTest(of_version(9_999)))
        .act("fay", Command::RecordFirmTest(RecordFirmTest { sample: Some(id("s-1")), ..firm_test("LA-02") }))
        .act("fay", Command::RecordFirmTest(of_version(version)))
        .act("eve", review("ft-1"))
        .act("fay", review("ft-2"))
        .act("fay", review("ft-1"))
        .act("sam", review("ft-1"))
        .act("sam", review("ft-1"));
    insta::assert_snapshot!(house.transcript, @r"
    fay: RecordFirmTest -> refused [unknown-version] entry 9999 records no version of control `LA-02` that ran in the period
    fay: RecordFirmTest -> refused [unknown-sample] sample `s-1` is not known here
    fay: RecordFirmTest -> FirmTestRecorded
    eve: ReviewFirmTest -> refused [not-of-the-firm] person `eve` is not of the firm that is appointed to this engagement
    fay: ReviewFirmTest -> refused [unknown-firm-test] the firm has no test `ft-2` in this engagement
    fay: ReviewFirmTest -> refused [reviewer-is-tester] person `fay` performed the test and so cannot review it
    sam: ReviewFirmTest -> FirmTestReviewed
    sam: ReviewFirmTest -> refused [reviewed-before] test `ft-1` was reviewed before
    ");
}

pub fn comment_on(section: &str, comment: &str) -> Command {
    let (words, comment) = (text("what it says"), text(comment));
    Command::CommentOnSection(CommentOnSection { engagement: id("soc1"), section: id(section), words, comment })
}

pub fn settle(number: u32) -> Command {
    Command::ResolveSectionComment(ResolveSectionComment { engagement: id("soc1"), number })
}

#[test]
fn the_firm_comments_on_sections_and_alone_says_that_a_comment_is_settled() {
    let mut house = House::engaged();
    house
        .act("lea", comment_on("description/overview", "Who runs it?"))
        .act("fay", comment_on("description/overview", "Who runs it?"))
        .act("sam", comment_on("description/services/0", "From which day on?"))
        .act("lea", settle(1))
        .act("fay", settle(3))
        .act("sam", settle(1))
        .act("fay", settle(1));
    let comments = &house.state.engagements[&id::<EngagementId>("soc1")].section_comments;
    let open: Vec<_> = comments.iter().filter(|(_, comment)| comment.resolved.is_none()).collect();
    assert_eq!(open.len(), 1);
    insta::assert_snapshot!(house.transcript, @r"
    lea: CommentOnSection -> refused [not-of-the-firm] person `lea` is not of the firm that is appointed to this engagement
    fay: CommentOnSection -> SectionCommented
    sam: CommentOnSection -> SectionCommented
    lea: ResolveSectionComment -> refused [not-of-the-firm] person `lea` is not of the firm that is appointed to this engagement
    fay: ResolveSectionComment -> refused [unknown-section-comment] the firm made no comment 3 on the sections of this engagement's report
    sam: ResolveSectionComment -> SectionCommentResolved
    fay: ResolveSectionComment -> refused [section-comment-settled] comment 1 is settled
    ");
}

#[test]
fn documents_follow_each_other_in_time() {
    let mut house = House::engaged();
    let sign = |on: &str| {
        Command::SignManagementAssertion(SignManagementAssertion {
            engagement: id("soc1"),
            text: text("assertion"),
            signed_on: day(on),
        })
    };
    let report = |on: &str| {
        Command::RecordServiceAuditorsReport(RecordServiceAuditorsReport {
            engagement: id("soc1"),
            text: text("report"),
            dated_on: day(on),
        })
    };
    let issue = |kind| {
        Command::IssueReportPackage(IssueReportPackage { engagement: id("soc1"), kind, contents: text("contents") })
    };
    house
        .act("lea", issue(PackageKind::Report))
        .act(
            "lea",
            Command::AdoptSystemDescription(AdoptSystemDescription {
                engagement: id("soc1"),
                text: text("description"),
            }),
        )
        .act("lea", issue(PackageKind::Report))
        .act("sam", report("2026-10-12"))
        .act("lea", sign("2026-10-05"))
        .act("eve", sign("2026-09-29"))
        .act("eve", sign("2026-10-16"))
        .act("eve", sign("2026-10-05"))
        .act("sam", report("2026-10-04"))
        .act("fay", report("2026-10-12"))
        .act("sam", report("2026-10-16"))
        .act("eve", report("2026-10-12"))
        .act("sam", report("2026-10-12"))
        .act("lea", issue(PackageKind::Examination));
    insta::assert_snapshot!(house.transcript, @r"
    lea: IssueReportPackage -> refused [package-lacks] the package lacks a system description
    lea: AdoptSystemDescription -> SystemDescriptionAdopted
    lea: IssueReportPackage -> refused [package-lacks] the package lacks management's assertion
    sam: RecordServiceAuditorsReport -> refused [package-lacks] the package lacks management's assertion
    lea: SignManagementAssertion -> refused [role-missing] this needs the role executive, which person `lea` does not hold
    eve: SignManagementAssertion -> refused [DAT-03] the document is dated 2026-09-29, before 2026-09-30
    eve: SignManagementAssertion -> refused [dated-in-the-future] it is dated 2026-10-16, and today is 2026-10-15
    eve: SignManagementAssertion -> ManagementAssertionSigned
    sam: RecordServiceAuditorsReport -> refused [DAT-03] the document is dated 2026-10-04, before 2026-10-05
    fay: RecordServiceAuditorsReport -> refused [role-missing] this needs the role firm signatory, which person `fay` does not hold
    sam: RecordServiceAuditorsReport -> refused [dated-in-the-future] it is dated 2026-10-16, and today is 2026-10-15
    eve: RecordServiceAuditorsReport -> refused [not-of-the-firm] person `eve` is not of the firm that is appointed to this engagement
    sam: RecordServiceAuditorsReport -> ServiceAuditorsReportRecorded
    lea: IssueReportPackage -> ReportPackageIssued
    ");
    house.transcript.clear();
    let newest = |house: &House| house.state.engagements[&id("soc1")].packages.last().expect("issued").entry;
    let copy = |package| {
        let (reader, copy) = (text("Aalto Oyj"), text("copy"));
        Command::RecordReaderCopy(RecordReaderCopy { engagement: id("soc1"), package, reader, copy })
    };
    let examination = newest(&house);
    house.act("lea", copy(examination)).act("lea", issue(PackageKind::Report));
    let report = newest(&house);
    house.act("eve", copy(report)).act("lea", copy(report)).act("lea", copy(report));
    assert_eq!(house.state.engagements[&id("soc1")].reader_copies.len(), 1, "the same copy is recorded once");
    insta::assert_snapshot!(house.transcript, @r"
    lea: RecordReaderCopy -> refused [no-report-package] engagement `soc1` has no report package yet
    lea: IssueReportPackage -> ReportPackageIssued
    eve: RecordReaderCopy -> refused [role-missing] this needs the role compliance lead, which person `eve` does not hold
    lea: RecordReaderCopy -> ReaderCopyRecorded
    lea: RecordReaderCopy -> 
    ");
}

#[test]
fn figures_keep_four_scores_apart_with_their_denominators() {
    let mut house = House::engaged();
    house.act(
        "lea",
        Command::RecordRisk(RecordRisk {
            risk: id("R-1"),
            statement: text("risk"),
            criteria: Default::default(),
            objectives: [id("PAY-4")].into(),
        }),
    );
    house.act("lea", run("run-1", year(), 2));
    let figures = house.state.figures(&house.catalog, &id("soc1")).unwrap();
    let score = |s: &Score| format!("{} of {}, untested {}", s.holds, s.denominator(), s.untested);
    let lines = [
        format!("controls: {:?}", figures.controls.keys().map(ControlId::as_str).collect::<Vec<_>>()),
        format!("design: {}", score(&figures.design)),
        format!("implementation: {}", score(&figures.implementation)),
        format!("operation: {}", score(&figures.operation)),
        format!("evidence quality: {}", score(&figures.evidence_quality)),
    ];
    insta::assert_snapshot!(lines.join("\n"), @r#"
    controls: ["LA-02", "PAY-4-C2"]
    design: 0 of 2, untested 2
    implementation: 1 of 2, untested 1
    operation: 0 of 2, untested 1
    evidence quality: 1 of 2, untested 1
    "#);
}

#[test]
fn a_subservice_organization_that_is_included_gives_its_own_assertion() {
    let mut house = House::engaged();
    let organization = |method| {
        Command::RecordScopeItem(RecordScopeItem {
            id: id("SUB-1"),
            item: ScopeItem {
                name: text("Northgate"),
                text: text("Hosting"),
                facts: ScopeFacts::SubserviceOrganization(SubserviceOrganization {
                    method: [(ReportKind::Soc1, method)].into(),
                    monitoring: Default::default(),
                }),
            },
            effective_on: day(if method == SubserviceMethod::CarveOut { "2025-01-01" } else { "2025-02-01" }),
            reason: (method == SubserviceMethod::Inclusive).then(|| text("r")),
        })
    };
    let record = |on: &str| {
        Command::RecordSubserviceAssertion(RecordSubserviceAssertion {
            engagement: id("soc1"),
            organization: id("SUB-1"),
            text: text("theirs"),
            signed_on: day(on),
        })
    };
    house
        .act("lea", record("2026-10-05"))
        .act("lea", organization(SubserviceMethod::CarveOut))
        .act("lea", record("2026-10-05"))
        .act("lea", organization(SubserviceMethod::Inclusive))
        .act("eve", record("2026-10-05"))
        .act("lea", record("2026-09-29"))
        .act("lea", record("2026-10-05"));
    let given =
        &house.state.engagements[&id::<EngagementId>("soc1")].subservice_assertions[&id::<ScopeItemId>("SUB-1")];
    assert_eq!((given.name, given.text), (text("Northgate"), text("theirs")));
    insta::assert_snapshot!(house.transcript, @r"
    lea: RecordSubserviceAssertion -> refused [unknown-scope-item] scope item `SUB-1` is not known here
    lea: RecordScopeItem -> ScopeItemRecorded
    lea: RecordSubserviceAssertion -> refused [ASR-08] `SUB-1` is not treated by the inclusive method in this report, and gives no assertion in it
    lea: RecordScopeItem -> ScopeItemRecorded
    eve: RecordSubserviceAssertion -> refused [role-missing] this needs the role compliance lead, which person `eve` does not hold
    lea: RecordSubserviceAssertion -> refused [DAT-03] the document is dated 2026-09-29, before 2026-09-30
    lea: RecordSubserviceAssertion -> SubserviceAssertionRecorded
    ");
}

#[test]
fn management_answers_a_deviation_where_it_has_no_exception_to_answer() {
    let mut house = House::engaged();
    let own = |name: &str, deviations| {
        Command::RecordFirmTest(RecordFirmTest { firm_test: id(name), deviations, ..firm_test("LA-02") })
    };
    let respond = |name: &str, words: &str| {
        Command::RespondToDeviation(RespondToDeviation {
            engagement: id("soc1"),
            firm_test: id(name),
            response: text(words),
            effective_on: Some(day("2026-11-01")),
        })
    };
    house
        .act("fay", own("ft-1", 2))
        .act("fay", own("ft-2", 0))
        .act("eve", respond("ft-1", "why"))
        .act("fay", respond("ft-1", "why"))
        .act("otto", respond("ft-9", "why"))
        .act("otto", respond("ft-2", "why"))
        .act("otto", respond("ft-1", "why"))
        .act("lea", respond("ft-1", "why, better said"));
    insta::assert_snapshot!(house.transcript, @r"
    fay: RecordFirmTest -> FirmTestRecorded
    fay: RecordFirmTest -> FirmTestRecorded
    eve: RespondToDeviation -> refused [role-missing] this needs the role control owner, which person `eve` does not hold
    fay: RespondToDeviation -> refused [role-missing] this needs the role control owner, which person `fay` does not hold
    otto: RespondToDeviation -> refused [unknown-firm-test] the firm has no test `ft-9` in this engagement
    otto: RespondToDeviation -> refused [no-deviation] the firm's test `ft-2` noted no deviation
    otto: RespondToDeviation -> DeviationResponded
    lea: RespondToDeviation -> DeviationResponded
    ");
    let test = &house.state.engagements[&id::<EngagementId>("soc1")].firm_tests[&id::<FirmTestId>("ft-1")];
    let answer = house.state.answer_to(test, year()).unwrap();
    assert_eq!((answer.response, answer.effective_on), (text("why, better said"), Some(day("2026-11-01"))));
}
