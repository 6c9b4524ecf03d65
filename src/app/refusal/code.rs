//! The stable words by which a program tells refusals apart.

macro_rules! codes {
    ($($name:ident $code:literal;)*) => {
        /// What is wrong, as a program reads it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code {
            $(#[doc = concat!("`", $code, "`.")] $name,)*
        }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The stable word of the contract.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }
        }
    };
}

codes! {
    MalformedRequest "malformed_request";
    Unauthenticated "unauthenticated";
    Forbidden "forbidden";
    NotFound "not_found";
    UnknownHall "unknown_hall";
    UnknownService "unknown_service";
    UnknownAppointment "unknown_appointment";
    MethodNotAllowed "method_not_allowed";
    SlotFull "slot_full";
    AlreadyBooked "already_booked";
    TooManyActive "too_many_active";
    WrongState "wrong_state";
    HoldExpired "hold_expired";
    IdempotencyMismatch "idempotency_mismatch";
    TooLarge "too_large";
    UnsupportedMediaType "unsupported_media_type";
    SameDay "same_day";
    Past "past";
    BeyondWindow "beyond_window";
    NotReleased "not_released";
    Holiday "holiday";
    Closed "closed";
    NoSuchBand "no_such_band";
    ServiceNotOffered "service_not_offered";
    PartyTooLarge "party_too_large";
    DuplicateApplicant "duplicate_applicant";
    InvalidField "invalid_field";
    TooManyRequests "too_many_requests";
    Internal "internal";
    Overloaded "overloaded";
    ReadOnly "read_only";
}

impl Code {
    /// The code with this word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == word)
    }

    /// Whether another time of the same hall, or another hall, may be free of the trouble.
    #[must_use]
    pub const fn is_about_the_slot(self) -> bool {
        matches!(
            self,
            Self::SlotFull
                | Self::SameDay
                | Self::Past
                | Self::BeyondWindow
                | Self::NotReleased
                | Self::Holiday
                | Self::Closed
                | Self::NoSuchBand
        )
    }
}
