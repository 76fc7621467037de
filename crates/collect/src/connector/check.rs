//! What the shape of a connector alone does not say.

use std::collections::BTreeSet;

use super::{Auth, Count, CursorTo, Page, Request, Spec, Table, Template};
use crate::{Error, config::Refusing};

/// The places that every request may have beside the connector's settings: the days asked for.
const DAYS: [&str; 4] = ["first", "last", "next_day", "on"];

/// Refuses a connector that contradicts itself.
pub(super) fn connector(file: &str, text: &str, spec: &Spec) -> Result<(), Error> {
    Check { refusing: Refusing { file, text }, spec }.all()
}

struct Check<'a> {
    refusing: Refusing<'a>,
    spec: &'a Spec,
}

impl Check<'_> {
    fn must(&self, holds: bool, word: &str, problem: impl FnOnce() -> String) -> Result<(), Error> {
        if holds { Ok(()) } else { Err(self.refusing.refuse(word, problem())) }
    }

    fn all(&self) -> Result<(), Error> {
        let Spec { documentation, permissions, settings, auth, http, tables, .. } = self.spec;
        self.must(settings.values().any(|setting| setting.address), "settings", || {
            "has no setting with `address = true`, with which requests begin".into()
        })?;
        self.must(!documentation.is_empty(), "documentation", || "names no documentation".into())?;
        self.must(!permissions.trim().is_empty(), "permissions", || "says no permissions".into())?;
        self.must(!tables.is_empty(), "tables", || "has no table".into())?;
        for (name, setting) in settings {
            for place in setting.default.iter().flat_map(Template::places) {
                let is_before = place < name.as_str() && settings.contains_key(place);
                self.must(is_before, name, || {
                    format!(
                        "the default of the setting `{name}` names `{place}`, which is no setting before it by name"
                    )
                })?;
            }
            self.must(!setting.title.trim().is_empty(), name, || format!("the setting `{name}` has no title"))?;
            let Some(pattern) = &setting.pattern else { continue };
            let whole = regex::Regex::new(&format!("^(?:{pattern})$"));
            let whole = whole.map_err(|cause| self.refusing.refuse(name, format!("setting `{name}`: {cause}")))?;
            let fits = |value: Option<String>| value.is_none_or(|value| whole.is_match(&value));
            let default = setting.default.as_ref().filter(|default| default.places().next().is_none());
            self.must(fits(default.map(ToString::to_string)) && fits(setting.example.clone()), name, || {
                format!("the default or the example of the setting `{name}` does not match its pattern")
            })?;
        }
        let limits = [http.per_second, http.at_once, http.attempts];
        let is_limited = limits.iter().all(|limit| *limit > 0) && http.timeout_seconds > 0 && http.max_pages > 0;
        self.must(is_limited, "http", || "a limit of `http` is zero".into())?;
        for value in http.headers.values() {
            self.places(value, "http", &[])?;
        }
        self.auth(auth)?;
        let mut seen = BTreeSet::new();
        for table in tables {
            self.must(seen.insert(&table.table), &table.table, || format!("has two tables `{}`", table.table))?;
            self.table(table)?;
        }
        Ok(())
    }

    fn auth(&self, auth: &Auth) -> Result<(), Error> {
        let mut used = BTreeSet::new();
        match auth {
            Auth::None {} => {}
            Auth::Bearer { token } => drop(used.insert(token)),
            Auth::Basic { user, password } => {
                self.places(user, "user", &[])?;
                used.insert(password);
            }
            Auth::Headers { headers } => used.extend(headers.values().map(|header| &header.secret)),
            Auth::Oauth2Client { token_url, client_id, client_secret, form, .. } => {
                for value in [client_id].into_iter().chain(form.values()) {
                    self.places(value, "auth", &[])?;
                }
                self.places(token_url, "token_url", &[])?;
                self.address(token_url)?;
                used.insert(client_secret);
            }
            Auth::AwsSigv4 { access_key, secret_key } => used.extend([access_key, secret_key]),
        }
        let declared: BTreeSet<&String> = self.spec.secrets.keys().collect();
        self.must(used == declared, "auth", || "`auth` uses other secrets than `secrets` declares".into())
    }

    fn table(&self, table: &Table) -> Result<(), Error> {
        let name = &table.table;
        let parent: Vec<String> = match &table.for_each {
            None => {
                self.must(table.absent.is_empty() || table.one_row, name, || {
                    format!("table `{name}`: `absent` needs `for_each` or `one_row`: a whole list is not absent")
                })?;
                Vec::new()
            }
            Some(for_each) => {
                let earlier = self.spec.tables.iter().take_while(|other| other.table != *name);
                let parent = earlier.into_iter().find(|other| other.table == for_each.table);
                let Some(parent) = parent else {
                    let problem =
                        format!("table `{name}`: `for_each` names `{}`, which is no table before it", for_each.table);
                    return Err(self.refusing.refuse(name, problem));
                };
                self.must(parent.explode.is_none(), name, || {
                    format!("table `{name}`: rows of `{}` come out of others by `explode`", for_each.table)
                })?;
                self.must(parent.sign == table.sign, name, || {
                    format!("table `{name}`: its requests and those of `{}` are signed alike", for_each.table)
                })?;
                for column in for_each.only.keys() {
                    self.must(parent.columns.contains_key(column), column, || {
                        format!("table `{name}`: `{}` has no column `{column}`", for_each.table)
                    })?;
                }
                parent.columns.keys().map(|column| format!("parent.{column}")).collect()
            }
        };
        let parent: Vec<&str> = parent.iter().map(String::as_str).collect();
        self.request(&table.request, name, &parent)?;
        if let Some(until) = &table.until {
            self.request(&until.request, name, &parent)?;
            self.pointer(&until.pointer)?;
            self.must(until.at_most > 0, name, || format!("table `{name}`: `until` is asked at least once"))?;
        }
        let is_signed = matches!(self.spec.auth, Auth::AwsSigv4 { .. });
        self.must(is_signed == table.sign.is_some(), name, || {
            format!("table `{name}`: `sign` stands where requests are signed, and nowhere else")
        })?;
        if let Some(sign) = &table.sign {
            self.places(&sign.region, name, &[])?;
        }
        table.decode.base64_csv.iter().try_for_each(|pointer| self.pointer(pointer))?;
        for (column, mapping) in &table.columns {
            if let Some(problem) = mapping.problem() {
                return Err(self.refusing.refuse(column, format!("table `{name}`, column `{column}`: {problem}")));
            }
            let from = mapping.from().unwrap_or_default();
            let fits = (!from.starts_with("/parent/") || table.for_each.is_some())
                && (!from.starts_with("/of/") || table.explode.is_some());
            self.must(fits, column, || {
                format!("table `{name}`, column `{column}`: `parent` needs `for_each`, and `of` needs `explode`")
            })?;
        }
        self.must(!(table.one_row && table.explode.is_some()), name, || {
            format!("table `{name}`: says both `one_row` and `explode`")
        })?;
        for pointer in [Some(&table.rows), table.explode.as_ref()].into_iter().flatten().chain(table.must.keys()) {
            self.pointer(pointer)?;
        }
        self.page(table)?;
        match &table.count {
            Count::Pointer(pointer) => self.pointer(pointer),
            Count::Request(count) => {
                self.must(table.for_each.is_none(), name, || {
                    format!("table `{name}`: one `count` request cannot count what is asked for each row of another")
                })?;
                self.pointer(&count.pointer)?;
                self.address(&count.get)?;
                count.query.values().try_for_each(|value| self.places(value, name, &[]))
            }
            Count::None(why) => {
                self.must(!why.trim().is_empty(), name, || format!("table `{name}`: `count` says no reason"))
            }
        }
    }

    fn page(&self, table: &Table) -> Result<(), Error> {
        let name = &table.table;
        match &table.page {
            Page::Single {} | Page::Link { .. } => Ok(()),
            Page::Next { pointer } => self.pointer(pointer),
            Page::Cursor { pointer, to, more } => {
                let has_place = match to {
                    CursorTo::Query(_) => true,
                    CursorTo::Form(_) => table.request.form.is_some(),
                    CursorTo::Json(_) => table.request.json.is_some(),
                };
                self.must(has_place, name, || {
                    format!("table `{name}`: the cursor goes into a body that the request does not have")
                })?;
                if let CursorTo::Json(to) = to {
                    self.pointer(to)?;
                }
                [Some(pointer), more.as_ref()].into_iter().flatten().try_for_each(|pointer| self.pointer(pointer))
            }
            Page::Offset { size, total, .. } | Page::Number { size, total, .. } => {
                self.must(*size > 0, name, || format!("table `{name}`: a page of no rows"))?;
                total.iter().try_for_each(|pointer| self.pointer(pointer))
            }
        }
    }

    fn request(&self, request: &Request, table: &str, more: &[&str]) -> Result<(), Error> {
        let has_body = request.json.is_some() || request.form.is_some();
        let has_two = request.json.is_some() && request.form.is_some();
        let address = match (&request.get, &request.post) {
            (Some(get), None) if !has_body => get,
            (None, Some(post)) if !has_two => post,
            _ => {
                let problem = format!(
                    "table `{table}`: its request needs one of `get` and `post`; one body, `json` or `form`, needs `post`"
                );
                return Err(self.refusing.refuse(table, problem));
            }
        };
        self.address(address)?;
        let form = request.form.iter().flat_map(|form| form.values());
        let texts = request.query.values().chain(request.headers.values()).chain(form).chain([address]);
        for text in texts {
            self.places(text, table, more)?;
        }
        match &request.json {
            Some(json) => self.body(json, table, more),
            None => Ok(()),
        }
    }

    fn body(&self, value: &toml::Value, table: &str, more: &[&str]) -> Result<(), Error> {
        match value {
            toml::Value::String(text) => {
                let template: Template = text.parse().map_err(|problem| self.refusing.refuse(table, problem))?;
                self.places(&template, table, more)
            }
            toml::Value::Array(values) => values.iter().try_for_each(|value| self.body(value, table, more)),
            toml::Value::Table(members) => members.values().try_for_each(|value| self.body(value, table, more)),
            toml::Value::Integer(_) | toml::Value::Boolean(_) => Ok(()),
            toml::Value::Float(_) | toml::Value::Datetime(_) => {
                Err(self.refusing.refuse(table, format!("table `{table}`: a body holds texts, integers and booleans")))
            }
        }
    }

    /// Where a request goes is the organization's word, not the connector's.
    fn address(&self, address: &Template) -> Result<(), Error> {
        let setting = address.beginning().and_then(|place| self.spec.settings.get(place));
        self.must(setting.is_some_and(|setting| setting.address), &address.to_string(), || {
            format!("the address `{address}` does not begin with a setting that is an address")
        })
    }

    fn places(&self, template: &Template, word: &str, more: &[&str]) -> Result<(), Error> {
        for place in template.places() {
            let is_known = self.spec.settings.contains_key(place) || DAYS.contains(&place) || more.contains(&place);
            self.must(is_known, word, || {
                format!("`{{{place}}}` is no setting, no day and no column of the table of `for_each`")
            })?;
        }
        Ok(())
    }

    fn pointer(&self, pointer: &str) -> Result<(), Error> {
        let holds = pointer.is_empty() || pointer.starts_with('/');
        self.must(holds, pointer, || format!("`{pointer}` is not a JSON pointer: it does not begin with `/`"))
    }
}
