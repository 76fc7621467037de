//! Overruling what the lint warns of.

use tickmark_domain::*;

use crate::house::*;

fn overrule(rule: &str, finding: &str, is_error: bool) -> Command {
    Command::OverruleFinding(OverruleFinding {
        engagement: id("soc1"),
        rule: id(rule),
        finding: text(finding),
        is_error,
        reason: text("r"),
    })
}

#[test]
fn only_a_warning_is_overruled_once_and_as_it_reads() {
    let mut house = House::engaged();
    let mut other = overrule("RPT-13", "a", false);
    if let Command::OverruleFinding(command) = &mut other {
        command.engagement = id("none");
    }
    house
        .act("otto", overrule("RPT-13", "a", false))
        .act("fay", overrule("RPT-13", "a", false))
        .act("lea", other)
        .act("lea", overrule("RPT-99", "a", false))
        .act("lea", overrule("RPT-03", "a", true))
        .act("lea", overrule("RPT-02", "a", false))
        .act("lea", overrule("S1D-12", "a", false))
        .act("lea", overrule("RPT-13", "a", false))
        .act("lea", overrule("RPT-13", "a", false))
        .act("lea", overrule("RPT-13", "reads otherwise", false));
    insta::assert_snapshot!(house.transcript, @r"
    otto: OverruleFinding -> refused [role-missing] this needs the role compliance lead, which person `otto` does not hold
    fay: OverruleFinding -> refused [role-missing] this needs the role compliance lead, which person `fay` does not hold
    lea: OverruleFinding -> refused [unknown-engagement] engagement `none` does not exist
    lea: OverruleFinding -> refused [unknown-lint-rule] there is no lint rule `RPT-99`
    lea: OverruleFinding -> refused [not-a-warning] this finding of `RPT-03` is no warning, and only a warning can be overruled
    lea: OverruleFinding -> refused [not-a-warning] this finding of `RPT-02` is no warning, and only a warning can be overruled
    lea: OverruleFinding -> refused [not-a-warning] this finding of `S1D-12` is no warning, and only a warning can be overruled
    lea: OverruleFinding -> FindingOverruled
    lea: OverruleFinding -> refused [overruled-before] this finding of `RPT-13` was overruled by entry 22
    lea: OverruleFinding -> FindingOverruled
    ");
    let overrulings = &house.state.engagements[&id::<EngagementId>("soc1")].overrulings;
    assert_eq!(overrulings.values().map(|of| of.by.as_str()).collect::<Vec<_>>(), ["lea", "lea"]);
}
