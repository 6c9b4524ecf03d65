//! Who comes together: the person who is signed in, where ticked, and the others, each in a row of fields.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::slot::Wanted;
use crate::domain::applicant::Applicant;
use crate::domain::appointment::PersonKey;
use crate::http::booking_body::{BookingBody, MAX_PARTY};
use crate::vault::Vault;
use crate::web::filled::Fields;
use crate::web::kept;

/// The field that says whether the signed-in person comes.
pub const SELF: &str = "self";
/// The value of [`SELF`] where that is so.
pub const YES: &str = "yes";
/// The fields of a row, without its number: the same names as in the body of a booking.
pub const ROW: [&str; 3] = ["name", "id_number", "phone"];

/// The cookie of who was to come with somebody.
pub const COMPANY: &str = "hallpass_company";
const COMPANY_CONTEXT: &[u8] = b"typed company 1";

/// A company as it stands in a form, right or wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Company {
    /// Whether the signed-in person comes.
    pub with_self: bool,
    /// What was typed of the others, in the order of [`ROW`], at most [`MAX_PARTY`].
    others: Vec<[String; 3]>,
}

impl Company {
    /// The signed-in person alone.
    #[must_use]
    pub const fn alone() -> Self {
        Self { with_self: true, others: Vec::new() }
    }

    /// The company of a form.
    #[must_use]
    pub fn read(fields: &Fields) -> Self {
        let rows = (0..MAX_PARTY).take_while(|row| fields.has(&field(ROW[0], *row as usize)));
        let others = rows.map(|row| ROW.map(|name| fields.raw(&field(name, row as usize)).to_owned())).collect();
        Self { with_self: fields.raw(SELF) == YES, others }
    }

    /// How many others have a row.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.others.len()
    }

    /// How many come.
    #[must_use]
    pub fn count(&self) -> usize {
        self.others.len() + usize::from(self.with_self)
    }

    /// The company after a button: `add` and `remove-N` change rows; none for any other.
    #[must_use]
    pub fn after(&self, button: &str) -> Option<Self> {
        let mut company = self.clone();
        if button == "add" {
            if company.rows() < MAX_PARTY as usize {
                company.others.push([const { String::new() }; 3]);
            }
            return Some(company);
        }
        let row: usize = button.strip_prefix("remove-")?.parse().ok()?;
        if row < company.rows() {
            company.others.remove(row);
        }
        Some(company)
    }

    /// The fields of a form with this company.
    #[must_use]
    pub fn fields(&self) -> Fields {
        let begun = if self.with_self { Fields::default().with(SELF, YES) } else { Fields::default() };
        self.others.iter().enumerate().fold(begun, |fields, (row, typed)| {
            ROW.iter().zip(typed).fold(fields, |fields, (name, value)| fields.with(&field(name, row), value.as_str()))
        })
    }

    /// The company as a text that a browser keeps until its person has booked; none where there is nobody to be typed again,
    /// or too much for a cookie.
    #[must_use]
    pub fn seal(&self, vault: &Vault, person: PersonKey, now: DateTime<Utc>) -> Option<String> {
        if self.others.is_empty() {
            return None;
        }
        let own = if self.with_self { YES } else { "" };
        let values = std::iter::once(own).chain(self.others.iter().flatten().map(String::as_str)).collect();
        kept::seal_typed(vault, COMPANY_CONTEXT, person, values, now)
    }

    /// The company that the same person typed before; none where it is not ours, another person's, or its time is over.
    #[must_use]
    pub fn open(vault: &Vault, person: PersonKey, sealed: &str, now: DateTime<Utc>) -> Option<Self> {
        let values = kept::open_typed(vault, COMPANY_CONTEXT, person, sealed, now)?;
        let (own, others) = values.split_first()?;
        let others = others.chunks_exact(ROW.len()).take(MAX_PARTY as usize);
        let others = others.filter_map(|row| row.to_vec().try_into().ok()).collect();
        Some(Self { with_self: own == YES, others })
    }

    /// The id of the field to which a pointer into the body leads.
    #[must_use]
    pub fn id_of(&self, pointer: &str) -> String {
        let mut names = pointer.split('/').skip(2);
        let place: Option<usize> = names.next().and_then(|place| place.parse().ok());
        let row = place.and_then(|place| self.row_of(place));
        match (row, names.next()) {
            (Some(row), Some(name)) => field(name, row),
            _ => SELF.to_owned(),
        }
    }

    /// The row of an applicant, counted from 0; none for the signed-in person.
    #[must_use]
    pub fn row_of(&self, applicant: usize) -> Option<usize> {
        applicant.checked_sub(usize::from(self.with_self))
    }

    /// What the API would be asked to hold these places.
    ///
    /// # Panics
    /// Never: the body has the members that are read.
    #[must_use]
    pub fn body(&self, wanted: &Wanted, own: &Applicant) -> BookingBody {
        let own = self
            .with_self
            .then(|| json!({ "name": own.name, "id_number": own.id_number.reveal(), "phone": own.phone }));
        let others = self.others.iter().map(|row| {
            let [name, id_number, phone] = row.each_ref().map(|typed| filled(typed));
            json!({ "name": name, "id_number": id_number, "phone": phone })
        });
        let applicants: Vec<Value> = own.into_iter().chain(others).collect();
        let slot = &wanted.slot;
        let body = json!({
            "hall": slot.hall.as_str(), "service": wanted.service.as_str(), "date": slot.date.to_string(),
            "start": slot.start.to_string(), "hold": true, "applicants": applicants,
        });
        serde_json::from_value(body).expect("a body with the members of a booking can be read")
    }
}

/// The id and name of a field of a row.
#[must_use]
pub fn field(name: &str, row: usize) -> String {
    format!("{name}-{row}")
}

/// What was typed, without spaces around it; none where that is nothing.
#[must_use]
pub fn filled(typed: &str) -> Option<&str> {
    Some(typed.trim()).filter(|typed| !typed.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::appointment::samples;
    use crate::domain::policy::Policy;
    use crate::http::booking_body::wish;
    use crate::http::fields::civil_today;

    fn company(form: &str) -> Company {
        Company::read(&Fields::read(form.as_bytes()).unwrap())
    }

    fn own() -> Applicant {
        let today = civil_today(samples::held().created_at);
        let id_number = crate::domain::applicant::IdNumber::parse("330102199001010004", today).unwrap();
        Applicant { name: "张伟".into(), id_number, phone: "19900000004".into() }
    }

    #[test]
    fn rows_come_and_go_and_keep_what_was_typed() {
        let two = company("self=yes&name-0=a&id_number-0=1&phone-0=2&name-1=b&id_number-1=3&phone-1=4");
        assert_eq!((two.with_self, two.rows(), two.count()), (true, 2, 3));
        let three = two.after("add").unwrap();
        assert_eq!((three.rows(), three.fields().raw("name-1")), (3, "b"));
        let one = two.after("remove-0").unwrap();
        assert_eq!((one.rows(), one.fields().raw("name-0"), one.fields().raw("phone-0")), (1, "b", "4"));
        assert_eq!(two.after("remove-7"), Some(two.clone()));
        assert_eq!(two.after("hold"), None);
        assert_eq!(Company::read(&two.fields()), two);
    }

    #[test]
    fn no_more_rows_than_a_party_can_have() {
        let full = (0..9).fold(Company::alone(), |company, _| company.after("add").unwrap());
        assert_eq!(full.rows(), MAX_PARTY as usize);
        let form = (0..40).fold(String::new(), |form, row| form + &format!("name-{row}=x&"));
        assert_eq!(company(&form).rows(), MAX_PARTY as usize);
    }

    #[test]
    fn a_company_is_kept_for_its_person_for_an_hour() {
        let (vault, now) = (Vault::from_secret(&[7; 32]), samples::held().created_at);
        let [one, other] = [PersonKey([1; 16]), PersonKey([2; 16])];
        let family = company("name-0=a&id_number-0=1&phone-0=2&name-1=b&id_number-1=&phone-1=4");
        let sealed = family.seal(&vault, one, now).unwrap();
        assert_eq!(Company::open(&vault, one, &sealed, now), Some(family));
        assert_eq!(Company::open(&vault, other, &sealed, now), None);
        assert_eq!(Company::open(&vault, one, &sealed, now + chrono::TimeDelta::minutes(kept::KEPT_MINUTES)), None);
        assert_eq!(Company::alone().seal(&vault, one, now), None);
    }

    #[test]
    fn the_longest_names_that_a_browser_lets_through_are_kept() {
        let (vault, now) = (Vault::from_secret(&[7; 32]), samples::held().created_at);
        let row = ["字".repeat(64), "1".repeat(24), "1".repeat(24)];
        let family = Company { with_self: true, others: vec![row; 4] };
        assert!(family.seal(&vault, PersonKey([1; 16]), now).is_some());
    }

    #[test]
    fn a_pointer_leads_to_its_field() {
        let with_self = company("self=yes&name-0=a");
        assert_eq!(with_self.id_of("/applicants/1/id_number"), "id_number-0");
        assert_eq!(with_self.id_of("/applicants/0/name"), "self");
        assert_eq!(with_self.id_of("/applicants"), "self");
        assert_eq!(company("name-0=a").id_of("/applicants/0/phone"), "phone-0");
    }

    #[test]
    fn a_company_is_judged_as_the_api_judges_it() {
        let held = samples::held();
        let judged = |company: &Company| {
            let body = company.body(&Wanted::of(&held), &own());
            wish(body, &own(), &Policy::default(), civil_today(held.created_at))
        };
        let alone = judged(&Company::alone()).unwrap();
        assert_eq!((alone.hold, alone.applicants), (true, vec![own()]));
        let typed = company("self=yes&name-0=+&id_number-0=330106200002299998&phone-0=19900000001");
        let problem = judged(&typed).unwrap_err();
        assert_eq!(problem.errors.iter().map(|e| typed.id_of(&e.pointer)).collect::<Vec<_>>(), ["name-0"]);
        let nobody = judged(&company("")).unwrap_err();
        assert_eq!(nobody.errors[0].pointer, "/applicants");
    }
}
