//! What an accepted advice puts into the scope: subservice organizations with their methods, and user entities' year-ends.
//!
//! Invariant: ids that are made here are numbers and months; the provider's name is a text of the vault.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Span as Time, civil::Date};
use tickmark_domain::{
    Command, RecordScopeItem, ReportKind, ScopeFacts, ScopeItem, ScopeItemId, ScopeVersion, SubserviceMethod,
    SubserviceOrganization, UserEntity,
    advisor::{Month, Treatment, Word},
};

use crate::{Advised, DecidedEngagement, DecidedProvider, Decision, Error, House};

/// The commands that record scope items, with the ids of the items.
type ScopeCommands = (Vec<Command>, Vec<String>);

impl House {
    /// The scope items of a decision that are not in scope yet. Without an engagement there is no day from which they are so.
    pub(crate) fn scope_commands(&self, advised: &Advised, decided: &Decision) -> Result<ScopeCommands, Error> {
        let Some(from) = decided.engagement.iter().filter_map(first_day).min() else { return Ok(Default::default()) };
        let mut commands = Vec::new();
        let mut taken: BTreeSet<ScopeItemId> = self.state().scope.keys().cloned().collect();
        for provider in &decided.provider {
            commands.extend(self.subservice_organization(provider, from, &mut taken, advised.advice.today)?);
        }
        let user_entities = decided.engagement.iter().any(|engagement| engagement.report == ReportKind::Soc1);
        for (month, count) in
            advised.profile.year_ends.iter().flatten().filter(|(_, count)| user_entities && **count > 0)
        {
            commands.extend(self.year_end(*month, *count, from, &taken, advised.advice.today)?);
        }
        let items = commands.iter().map(|command| command.id.to_string()).collect();
        Ok((commands.into_iter().map(Command::RecordScopeItem).collect(), items))
    }

    /// A provider that is carved out or inclusive in a report; nothing if it stands in the scope just so.
    fn subservice_organization(
        &self,
        provider: &DecidedProvider,
        from: Date,
        taken: &mut BTreeSet<ScopeItemId>,
        today: Date,
    ) -> Result<Option<RecordScopeItem>, Error> {
        let treated = [(ReportKind::Soc1, provider.soc1), (ReportKind::Soc2, provider.soc2)];
        let methods = treated.into_iter().filter_map(|(report, treatment)| Some((report, method(treatment?)?)));
        let mut method: BTreeMap<ReportKind, SubserviceMethod> = methods.collect();
        if method.is_empty() {
            return Ok(None);
        }
        let mut monitoring = BTreeSet::new();
        let mut place = None;
        if let Some((id, version, standing)) = self.subservice_named(&provider.name)? {
            monitoring.clone_from(&standing.monitoring);
            for (report, before) in &standing.method {
                method.entry(*report).or_insert(*before);
            }
            if method == standing.method {
                return Ok(None);
            }
            let later = version.effective_on.saturating_add(Time::new().days(1)).max(from);
            let reason = format!("Decided of the advice of {today}.");
            place = Some((id.clone(), later, Some(self.put_text(&reason)?)));
        }
        let (id, effective_on, reason) = match place {
            Some(place) => place,
            None => (free_id(taken)?, from, None),
        };
        taken.insert(id.clone());
        let facts = ScopeFacts::SubserviceOrganization(SubserviceOrganization { method, monitoring });
        let item = ScopeItem { name: self.put_text(&provider.name)?, text: self.put_text(&provider.function)?, facts };
        Ok(Some(RecordScopeItem { id, item, effective_on, reason }))
    }

    /// The subservice organization of that name in the scope.
    fn subservice_named(
        &self,
        name: &str,
    ) -> Result<Option<(&ScopeItemId, &ScopeVersion, &SubserviceOrganization)>, Error> {
        for (id, version) in self.state().standing_scope() {
            if let ScopeFacts::SubserviceOrganization(facts) = &version.item.facts
                && self.text(&version.item.name)? == name
            {
                return Ok(Some((id, version, facts)));
            }
        }
        Ok(None)
    }

    /// The user entities whose years end in a month; nothing if the month is in the scope already.
    fn year_end(
        &self,
        month: Month,
        count: u32,
        from: Date,
        taken: &BTreeSet<ScopeItemId>,
        today: Date,
    ) -> Result<Option<RecordScopeItem>, Error> {
        let id: ScopeItemId = format!("UE-{}", month.id().to_uppercase()).parse()?;
        // 2001 was no leap year: the last day of February is one of every year.
        let last = Date::new(2001, month.number(), 1).map(Date::last_of_month).ok();
        let year_end = last.and_then(|last| last.strftime("%m-%d").to_string().parse().ok());
        let Some(year_end) = year_end.filter(|_| !taken.contains(&id)) else { return Ok(None) };
        let name = format!("User entities whose fiscal years end with {}", month.means());
        let text = format!("{count} by the answers of {today}. Record those that matter by their own names.");
        let facts = ScopeFacts::UserEntity(UserEntity {
            year_end,
            services: BTreeSet::new(),
            reports: BTreeSet::from([ReportKind::Soc1]),
        });
        let item = ScopeItem { name: self.put_text(&name)?, text: self.put_text(&text)?, facts };
        Ok(Some(RecordScopeItem { id, item, effective_on: from, reason: None }))
    }
}

fn first_day(engagement: &DecidedEngagement) -> Option<Date> {
    engagement.type1.or(engagement.type2.map(|[first, _]| first))
}

fn method(treatment: Treatment) -> Option<SubserviceMethod> {
    match treatment {
        Treatment::CarveOut => Some(SubserviceMethod::CarveOut),
        Treatment::Inclusive => Some(SubserviceMethod::Inclusive),
        Treatment::NotNeeded | Treatment::Vendor | Treatment::Undecided => None,
    }
}

/// The first of `SUB-1`, `SUB-2`, … that no item has.
fn free_id(taken: &BTreeSet<ScopeItemId>) -> Result<ScopeItemId, Error> {
    let mut number = 1_u32;
    loop {
        let id: ScopeItemId = format!("SUB-{number}").parse()?;
        if !taken.contains(&id) {
            return Ok(id);
        }
        number += 1;
    }
}
