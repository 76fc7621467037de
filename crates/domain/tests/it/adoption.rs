use tickmark_canonical::Digest;
use tickmark_domain::*;

use crate::house::*;

fn adopt_catalog() -> Command {
    Command::AdoptCatalog(AdoptCatalog { files: text("files 2"), index: text("index 2") })
}

fn side(sql: Digest, exceptions: u64) -> BackTestSide {
    BackTestSide {
        sql,
        population: 10,
        population_digest: text("population"),
        exceptions,
        rows: (exceptions > 0).then(|| text("rows")),
        rows_digest: text("rows digest"),
    }
}

/// A back-test of `leaver-access`: the version in force found two items, the new one this many, and both found one.
fn back_test(new: Digest, exceptions: u64) -> RecordBackTest {
    RecordBackTest {
        test: id("leaver-access"),
        span: year(),
        on: year().last,
        old: side(text("sql of leaver-access"), 2),
        new: side(new, exceptions),
        both: 1.min(exceptions),
        canaries: 3,
        engine: "engine 1".into(),
    }
}

#[test]
fn a_changed_control_test_comes_into_force_back_tested_and_by_a_second_person() {
    let mut house = House::engaged();
    house.act("lea", run("run-1", year(), 2));
    let old = house.catalog.clone();
    let tuned = house.with_test("leaver-access", "tuned", Some(text("tuned sql")));
    house.act("ada", propose(&tuned, &[]));
    house.catalog = tuned.clone();
    house.act("ada", adopt_catalog()).act("lea", adopt_catalog());
    // Lea proposes the same once more, so that the administrator can agree.
    house.catalog = old.clone();
    house.act("lea", propose(&tuned, &[]));
    house.catalog = tuned.clone();
    house.act("ada", adopt_catalog());
    house.catalog = old;
    house.act("otto", Command::RecordBackTest(back_test(text("tuned sql"), 1)));
    house.catalog = tuned;
    house.act("ada", adopt_catalog()).act("ada", adopt_catalog());
    insta::assert_snapshot!(house.transcript, @r"
    lea: RecordTestRun -> TestResultRecorded, ExceptionRaised, TestRunRecorded
    ada: ProposeCatalog -> CatalogProposed
    ada: AdoptCatalog -> refused [proposer-adopts] person `ada` proposed this catalog; a second person puts it in force
    lea: AdoptCatalog -> refused [role-missing] this needs the role administrator, which person `lea` does not hold
    lea: ProposeCatalog -> CatalogProposed
    ada: AdoptCatalog -> refused [not-back-tested] control test `leaver-access` changes and has results: record a back-test, or propose it with the reason why there is none
    otto: RecordBackTest -> BackTestRecorded
    ada: AdoptCatalog -> CatalogAdopted
    ada: AdoptCatalog -> refused [catalog-in-force] this catalog is in force already
    ");
    let back_test = &house.state.back_tests_of(&id("leaver-access"))[0];
    assert_eq!((back_test.recorded.only_old(), back_test.recorded.both, back_test.recorded.only_new()), (1, 1, 0));
}

#[test]
fn a_back_test_of_another_version_does_not_stand_for_this_one() {
    let mut house = House::engaged();
    house.act("lea", run("run-1", year(), 2));
    house.act("otto", Command::RecordBackTest(back_test(text("a first draft"), 2)));
    let tuned = house.with_test("leaver-access", "tuned", Some(text("tuned sql")));
    house.act("lea", propose(&tuned, &[]));
    house.catalog = tuned;
    house.act("ada", adopt_catalog());
    insta::assert_snapshot!(house.transcript, @r"
    lea: RecordTestRun -> TestResultRecorded, ExceptionRaised, TestRunRecorded
    otto: RecordBackTest -> BackTestRecorded
    lea: ProposeCatalog -> CatalogProposed
    ada: AdoptCatalog -> refused [not-back-tested] control test `leaver-access` changes and has results: record a back-test, or propose it with the reason why there is none
    ");
}

#[test]
fn a_control_test_that_is_taken_out_needs_its_reason_and_one_without_results_nothing() {
    let mut house = House::engaged();
    house.act("lea", run("run-1", year(), 0));
    let without = house.with_test("leaver-access", "without", None);
    let other = house.with_test("pay-net-recomputed", "other", Some(text("other sql")));
    let old = house.catalog.clone();
    house.act("lea", propose(&without, &[]));
    house.catalog = without.clone();
    house.act("ada", adopt_catalog());
    house.catalog = old;
    house.act("lea", propose(&without, &[id("leaver-access")]));
    house.act("lea", propose(&other, &[id("leaver-access")]));
    house.act("lea", propose(&other, &[]));
    house.catalog = other;
    house.act("ada", adopt_catalog());
    house.catalog = without;
    // The proposal was made to replace another catalog.
    house.act("ada", adopt_catalog());
    insta::assert_snapshot!(house.transcript, @r"
    lea: RecordTestRun -> TestResultRecorded, TestRunRecorded
    lea: ProposeCatalog -> CatalogProposed
    ada: AdoptCatalog -> refused [not-back-tested] control test `leaver-access` changes and has results: record a back-test, or propose it with the reason why there is none
    lea: ProposeCatalog -> CatalogProposed
    lea: ProposeCatalog -> refused [nothing-to-back-test] control test `leaver-access` does not change: there is nothing to back-test
    lea: ProposeCatalog -> CatalogProposed
    ada: AdoptCatalog -> CatalogAdopted
    ada: AdoptCatalog -> refused [catalog-not-proposed] nobody has proposed to replace the catalog in force by this one
    ");
}

#[test]
fn the_first_catalog_is_one_persons_act_and_no_later_one() {
    let mut house = House::unfounded();
    house.act("ada", found()).act("ada", adopt_catalog());
    house.catalog = house.with_test("leaver-access", "tuned", Some(text("tuned sql")));
    house.act("ada", adopt_catalog());
    insta::assert_snapshot!(house.transcript, @r"
    ada: FoundOrganization -> OrganizationFounded, BusinessCalendarAdopted, PersonAdded, RoleGranted
    ada: AdoptCatalog -> CatalogAdopted
    ada: AdoptCatalog -> refused [catalog-not-proposed] nobody has proposed to replace the catalog in force by this one
    ");
}

#[test]
fn a_back_test_must_bear_out_what_it_claims() {
    let mut house = House::engaged();
    let mut refused = |change: &dyn Fn(&mut RecordBackTest)| {
        let mut command = back_test(text("tuned sql"), 1);
        change(&mut command);
        house.act("lea", Command::RecordBackTest(command));
    };
    refused(&|b| b.test = id("unknown-test"));
    refused(&|b| b.old.sql = text("other sql"));
    refused(&|b| b.new.sql = text("sql of leaver-access"));
    refused(&|b| b.canaries = 0);
    refused(&|b| b.both = 2);
    refused(&|b| b.new.rows = None);
    insta::assert_snapshot!(house.transcript, @r"
    lea: RecordBackTest -> refused [unknown-test] control test `unknown-test` is not in the catalog
    lea: RecordBackTest -> refused [result-contradicts-itself] the result of `leaver-access` contradicts itself: its SQL is not the SQL of the catalog in force
    lea: RecordBackTest -> refused [nothing-to-back-test] control test `leaver-access` does not change: there is nothing to back-test
    lea: RecordBackTest -> refused [result-contradicts-itself] the result of `leaver-access` contradicts itself: no canary shows that it can find what it looks for
    lea: RecordBackTest -> refused [result-contradicts-itself] the result of `leaver-access` contradicts itself: more items are found by both than by one
    lea: RecordBackTest -> refused [result-contradicts-itself] the result of `leaver-access` contradicts itself: exceptions without their rows
    ");
}
