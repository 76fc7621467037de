//! The control calendar on paper.

use jiff::civil::date;
use tickmark_report::{
    render_control_calendar,
    view::{CalendarLine, CalendarSign, ControlCalendarView},
};

fn view(controls: usize) -> ControlCalendarView {
    let sign = |sign: &str, words: &str| CalendarSign { sign: sign.to_owned(), words: words.to_owned() };
    let line = |number| CalendarLine {
        control: format!("LA-{number:02}"),
        title: "User access review".to_owned(),
        how_often: "quarterly".to_owned(),
        weeks: "···········✓·L··E··M··o··?··-".chars().cycle().take(53).collect(),
        says: vec!["4 times due: 2 done, 1 late, 1 missing.".to_owned()],
    };
    ControlCalendarView {
        organization: "Harbor Lane".to_owned(),
        scope: "Engagement soc1".to_owned(),
        first: date(2025, 10, 1),
        last: date(2026, 9, 30),
        today: date(2026, 10, 15),
        ledger_size: 120,
        months: "O    N   D    J   F   M    A   M    J   J    A   S   ".to_owned(),
        legend: vec![sign("✓", "done"), sign("L", "late"), sign("M", "missing"), sign("·", "nothing fell due")],
        lines: (0..controls).map(line).collect(),
    }
}

#[test]
fn on_paper_it_is_the_same_each_time() {
    let first = render_control_calendar(&view(5)).unwrap();
    assert_eq!(first.pages, 1);
    assert!(first.pdf == render_control_calendar(&view(5)).unwrap().pdf);
    assert_eq!(render_control_calendar(&view(0)).unwrap().pages, 1);
}

#[test]
fn a_control_set_takes_as_many_pages_as_it_needs() {
    assert!(render_control_calendar(&view(120)).unwrap().pages > 3);
}
