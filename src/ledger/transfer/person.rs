//! A person in clear, as an export shows it that was told to.
//!
//! Nothing here implements `Debug`: what is printed by mistake is not printed at all.

use serde::Serialize;

/// An applicant.
#[derive(Serialize)]
pub struct Person {
    /// The name.
    pub name: String,
    /// The resident ID number.
    pub id_number: String,
    /// The mobile number.
    pub phone: String,
    /// What else the hall was told.
    pub form: FormInClear,
}

/// What a hall was told besides the applicant; null where it was not told yet.
#[derive(Serialize)]
pub struct FormInClear {
    /// The division code of the residence.
    pub residence: Option<String>,
    /// Whom to reach in an emergency.
    pub emergency_contact: Option<ContactInClear>,
    /// How the document is handed over.
    pub collection: Option<CollectionInClear>,
}

/// Somebody with a telephone.
#[derive(Serialize)]
pub struct ContactInClear {
    /// The name.
    pub name: String,
    /// The number.
    pub phone: String,
}

/// How the document is handed over.
#[derive(Serialize)]
#[serde(tag = "method", rename_all = "snake_case")]
pub enum CollectionInClear {
    /// At the counter.
    Counter,
    /// By post.
    Post {
        /// Where to.
        address: AddressInClear,
    },
}

/// Where a document is sent.
#[derive(Serialize)]
pub struct AddressInClear {
    /// Who receives it.
    pub name: String,
    /// The number of who receives it.
    pub phone: String,
    /// The division code.
    pub region: String,
    /// Street and house.
    pub street: String,
}
