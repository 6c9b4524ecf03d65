//! Everything that the rules read, as one immutable value with a version.

use std::collections::HashMap;

use super::calendar::Calendar;
use super::hall::Hall;
use super::policy::Policy;
use super::rejection::Rejection;
use super::service::Service;

/// One validated configuration: what a booking is judged by.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Snapshot {
    /// A digest of the content: the same configuration has the same version on every machine.
    pub version: String,
    /// The rules' numbers.
    pub policy: Policy,
    /// The public calendar.
    pub calendar: Calendar,
    halls: Vec<Hall>,
    services: Vec<Service>,
    hall_places: HashMap<&'static str, usize>,
    service_places: HashMap<&'static str, usize>,
}

impl Snapshot {
    /// A snapshot from its parts. Ids are unique; halls are kept in order of city and id.
    #[must_use]
    pub fn new(
        version: String,
        policy: Policy,
        calendar: Calendar,
        mut halls: Vec<Hall>,
        services: Vec<Service>,
    ) -> Self {
        halls.sort_by(|a, b| (&a.city, a.id).cmp(&(&b.city, b.id)));
        let hall_places = halls.iter().enumerate().map(|(at, hall)| (hall.id.as_str(), at)).collect();
        let service_places = services.iter().enumerate().map(|(at, service)| (service.id.as_str(), at)).collect();
        Self { version, policy, calendar, halls, services, hall_places, service_places }
    }

    /// The hall with this id.
    ///
    /// # Errors
    /// [`Rejection::UnknownHall`].
    pub fn hall(&self, id: &str) -> Result<&Hall, Rejection> {
        self.hall_places.get(id).map(|&at| &self.halls[at]).ok_or(Rejection::UnknownHall)
    }

    /// The service with this id.
    ///
    /// # Errors
    /// [`Rejection::UnknownService`].
    pub fn service(&self, id: &str) -> Result<&Service, Rejection> {
        self.service_places.get(id).map(|&at| &self.services[at]).ok_or(Rejection::UnknownService)
    }

    /// All halls, by city and id.
    #[must_use]
    pub fn halls(&self) -> &[Hall] {
        &self.halls
    }

    /// All services, in the order of the configuration.
    #[must_use]
    pub fn services(&self) -> &[Service] {
        &self.services
    }
}
