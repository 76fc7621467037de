//! The rules, each with its code.

use serde::{Serialize, Serializer};

use super::Inconsistency;
use crate::EngagementId;

macro_rules! rules {
    ($($name:ident $code:literal $asks:literal;)+) => {
        /// A rule about what has to fit together.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum ConsistencyRule {
            $(#[doc = $asks] $name,)+
        }

        impl ConsistencyRule {
            /// All rules, in the order in which findings are listed.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// Its code.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// What it asks.
            pub const fn asks(self) -> &'static str {
                match self { $(Self::$name => $asks,)+ }
            }
        }
    };
}

rules! {
    ObjectiveServed "OBJ-01" "Every control objective in scope has a control.";
    CriterionServed "DC5" "Every criterion in scope has a control, or a reason why it is not relevant.";
    TransactionsTouched "OBJ-03" "Every class of transactions is touched by a control objective in scope.";
    TransactionsNamed "S1D-01" "Every service that a SOC 1 speaks of has a class of transactions.";
    CommitmentMade "DC2" "Every category in scope has a commitment, and every commitment a criterion.";
    PartsNamed "DC3" "None of the five parts of the system is empty: infrastructure, software, people, procedures, data.";
    TiedInScope "RPT-04" "Every complementary control is tied to something that an engagement has in scope.";
    ComplementaryNamed "SUB-01" "A carved-out subservice organization has controls that the design assumes of it, tied to something that the report has in scope.";
    Monitored "SUB-02" "A carved-out subservice organization is monitored by a control that runs.";
    ReportOnFile "SUB-03" "A report of each carved-out subservice organization is on file, of the same kind as ours.";
    ReportCovers "SUB-04" "The reports on file and their bridge letters cover the days of ours.";
    BridgeShort "DAT-07" "A bridge letter speaks of 92 days at most.";
    SameDates "DAT-10" "A subservice organization that is included has the same dates.";
    CuecAnswered "MAP-02" "Each complementary user entity control in a report on file is run by a control of ours.";
    NamedRuns "SCO-02" "Every control that a scope item names runs: what a key report feeds, what monitors a subservice organization, what runs its complementary user entity controls.";
    KeyReportTested "IPE-01" "A control test checks the completeness and accuracy of each key report.";
    ReportNamed "CTL-09" "A control that people perform with the system's output has a key report that says which output.";
    EvidenceNamed "CTL-04" "Every control names what shows that it operated.";
    DocumentShowsFew "EVI-01" "A document shows few controls: one that is named for over twelve shows none of them in particular.";
    YearCovered "COV-01" "A period covers the fiscal year of each user entity well that ends in its last month or next, together with the periods right before it that it follows on.";
    CommentAnswered "SCO-01" "Each comment of the firm on the scope has an answer.";
    FrequencyStated "TXT-01" "A control's statement, or a sentence of the description about it, promises no more than its frequency.";
    FrequencyShown "TXT-02" "Dated documents about a control are as many as its statement promises.";
    PlacesCounted "TXT-03" "The description counts no more places than the inventory has.";
    PlacesKnown "TXT-04" "What the description names as part of the system is in the inventory.";
    ListedAlike "TXT-05" "The description lists the services, classes of transactions, reports for user entities, commitments, subservice organizations and complementary controls of the scope, in the same words, and no others.";
    MethodAlike "TXT-06" "The description treats each subservice organization by the method of the scope.";
    CategoryAlike "TXT-07" "Each commitment in the description stands under its category of the scope, and that category is one of the report's.";
    BasisRecorded "ASR-09" "An assertion that management signed rests on a result, a management test or a document of its controls.";
    SetByNamed "S1D-13" "The description names who set a control objective that management did not set.";
    FallsDue "DAT-09" "Each control that the calendar sets falls due in the period, or is said not to have operated.";
    NamedAlike "RPT-03" "What is in the inventory is named in the description by the same name.";
}

impl ConsistencyRule {
    /// Whether documents must not be issued while it is broken. The others warn: what they compare is words and plans.
    pub const fn is_error(self) -> bool {
        matches!(self, Self::ObjectiveServed | Self::CriterionServed | Self::SameDates | Self::BasisRecorded)
    }

    pub(super) fn broken(
        self,
        subject: &impl ToString,
        engagement: Option<&EngagementId>,
        says: impl Into<String>,
        act: impl Into<String>,
    ) -> Inconsistency {
        Inconsistency {
            rule: self,
            subject: subject.to_string(),
            engagement: engagement.cloned(),
            says: says.into(),
            act: act.into(),
        }
    }
}

impl Serialize for ConsistencyRule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}
