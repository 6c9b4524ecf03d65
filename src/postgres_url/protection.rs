//! How a connection is protected, as a URL says it. What the modes mean is told where connections are made.

use std::path::PathBuf;

/// How much protection a connection needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SslMode {
    /// No encryption.
    Disable,
    /// As [`SslMode::Prefer`].
    Allow,
    /// Encryption where the server can.
    #[default]
    Prefer,
    /// Encryption; with roots, a chain that ends at one.
    Require,
    /// Encryption, and a chain that ends at a root.
    VerifyCa,
    /// Encryption, a chain that ends at a root, and the name of the host.
    VerifyFull,
}

impl SslMode {
    /// Every mode, from the weakest to the strongest.
    pub const ALL: [Self; 6] =
        [Self::Disable, Self::Allow, Self::Prefer, Self::Require, Self::VerifyCa, Self::VerifyFull];

    /// What it is called in a URL.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Allow => "allow",
            Self::Prefer => "prefer",
            Self::Require => "require",
            Self::VerifyCa => "verify-ca",
            Self::VerifyFull => "verify-full",
        }
    }

    /// Whether a connection may go on unencrypted where encryption fails.
    #[must_use]
    pub const fn may_be_plain(self) -> bool {
        matches!(self, Self::Allow | Self::Prefer)
    }

    /// What the protocol asks for.
    #[must_use]
    pub const fn wire(self) -> tokio_postgres::config::SslMode {
        use tokio_postgres::config::SslMode as Wire;
        match self {
            Self::Disable => Wire::Disable,
            Self::Allow | Self::Prefer => Wire::Prefer,
            Self::Require | Self::VerifyCa | Self::VerifyFull => Wire::Require,
        }
    }
}

/// Where a chain of certificates may end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Roots {
    /// At the roots of the operating system.
    System,
    /// At a certificate of this file, in PEM.
    File(PathBuf),
}

/// The files with which this client proves who it is, in PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCertificate {
    /// Its certificate, followed by those that lead to a root of the server.
    pub chain: PathBuf,
    /// The key of the certificate, unencrypted.
    pub key: PathBuf,
}

/// The protection of a connection.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Protection {
    /// How much of it.
    pub mode: SslMode,
    /// Which servers are believed; none: whoever answers.
    pub roots: Option<Roots>,
    /// How this client proves who it is; none: not by a certificate.
    pub client: Option<ClientCertificate>,
}
