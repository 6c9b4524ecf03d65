//! What of a connection is encrypted, and which servers are believed, with the meanings that the manual of libpq gives
//! to `sslmode`, `sslrootcert`, `sslcert` and `sslkey`.
//!
//! | mode | encrypted | the certificate of the server |
//! | --- | --- | --- |
//! | `disable` | no | is not asked for |
//! | `allow`, `prefer` | where the server can | as `require`; where that fails, the connection goes on unencrypted |
//! | `require` | always | anybody's; with `sslrootcert` as `verify-ca` |
//! | `verify-ca` | always | its chain ends at a root |
//! | `verify-full` | always | the same, and it names the host in a subjectAltName (a mere common name is not read) |
//!
//! `allow` behaves as `prefer`: neither keeps an attacker out, and the difference is one attempt. A connection over a
//! Unix socket is never encrypted. Files are read for each connection, so that a renewed certificate needs no restart.
//!
//! Whoever terminates TLS proves that the key of its certificate is its own in every mode, so that channel binding means
//! what it says. Tested with certificates made on the spot: every mode against the right server and wrong ones.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, aws_lc_rs, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::postgres_url::protection::{ClientCertificate, Protection, Roots, SslMode};

/// The name of the protocol, which PostgreSQL 17 and later compare.
const ALPN: &[u8] = b"postgresql";

/// What is wrong with a file that protects a connection.
#[derive(Debug, thiserror::Error)]
pub enum TlsFault {
    /// A file cannot be read, or holds something else.
    #[error("{parameter}: {path} cannot be read as a file in PEM")]
    Unreadable {
        /// The parameter that names it.
        parameter: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: pem::Error,
    },
    /// A certificate is no root.
    #[error("sslrootcert: a certificate in {path} cannot be used as a root")]
    Root {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: rustls::Error,
    },
    /// The operating system has no roots.
    #[error("sslrootcert=system: this machine has no roots; install the package ca-certificates, or name a file")]
    NoSystemRoots,
    /// The certificate and the key of the client cannot be used.
    #[error("sslcert and sslkey cannot be used; name a certificate and its own, unencrypted key")]
    Client(#[source] rustls::Error),
    /// There is no version of TLS that this build can speak.
    #[error("TLS cannot be set up")]
    Setup(#[source] rustls::Error),
}

impl Protection {
    /// What makes connections encrypted. Reads the files, so this may take a while; none where nothing is encrypted.
    ///
    /// # Errors
    /// [`TlsFault`] where a file cannot be used.
    pub fn connector(&self) -> Result<MakeRustlsConnect, TlsFault> {
        let unused = Self::default();
        let used = if self.mode == SslMode::Disable { &unused } else { self };
        Ok(MakeRustlsConnect::new(used.client_config()?))
    }

    fn client_config(&self) -> Result<ClientConfig, TlsFault> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let judge = Judge::new(self.roots.as_ref(), self.mode, &provider)?;
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(TlsFault::Setup)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(judge));
        let mut config = match &self.client {
            None => builder.with_no_client_auth(),
            Some(ClientCertificate { chain, key }) => {
                let chain = certificates("sslcert", chain)?;
                let unreadable = |source| TlsFault::Unreadable { parameter: "sslkey", path: key.clone(), source };
                let key = PrivateKeyDer::from_pem_file(key).map_err(unreadable)?;
                builder.with_client_auth_cert(chain, key).map_err(TlsFault::Client)?
            }
        };
        config.alpn_protocols = vec![ALPN.to_vec()];
        Ok(config)
    }
}

/// Every certificate of a file; at least one.
fn certificates(parameter: &'static str, path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsFault> {
    let unreadable = |source| TlsFault::Unreadable { parameter, path: path.to_owned(), source };
    let found: Vec<_> = CertificateDer::pem_file_iter(path).and_then(Iterator::collect).map_err(unreadable)?;
    if found.is_empty() { Err(unreadable(pem::Error::NoItemsFound)) } else { Ok(found) }
}

/// Decides which servers are believed.
#[derive(Debug)]
struct Judge {
    /// None: whoever answers.
    trust: Option<Trust>,
    /// Whether the certificate must name the host.
    names_host: bool,
    algorithms: WebPkiSupportedAlgorithms,
}

#[derive(Debug)]
struct Trust {
    roots: RootCertStore,
    /// The certificates of the file as they stand there.
    given: Vec<CertificateDer<'static>>,
}

impl Trust {
    fn read(roots: &Roots) -> Result<Self, TlsFault> {
        let mut store = RootCertStore::empty();
        match roots {
            Roots::System => {
                store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
                if store.is_empty() { Err(TlsFault::NoSystemRoots) } else { Ok(Self { roots: store, given: vec![] }) }
            }
            Roots::File(path) => {
                let given = certificates("sslrootcert", path)?;
                let unusable = |source| TlsFault::Root { path: path.clone(), source };
                given.iter().try_for_each(|root| store.add(root.clone())).map_err(unusable)?;
                Ok(Self { roots: store, given })
            }
        }
    }

    /// Whether a chain ends at a root. A certificate that is itself one of the file is such a chain, of one: a server's
    /// self-signed certificate usually claims to be an authority, for which the library would not have it as a server's.
    fn judge_chain(
        &self,
        certificate: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        now: UnixTime,
        algorithms: WebPkiSupportedAlgorithms,
    ) -> Result<(), rustls::Error> {
        let parsed = ParsedCertificate::try_from(certificate)?;
        match verify_server_cert_signed_by_trust_anchor(&parsed, &self.roots, between, now, algorithms.all) {
            // The library judges the time before anything else, so any other objection means that the time is right.
            Err(objection) if !is_of_time(&objection) && self.given.contains(certificate) => Ok(()),
            judged => judged,
        }
    }
}

fn is_of_time(objection: &rustls::Error) -> bool {
    use CertificateError::{BadEncoding, Expired, ExpiredContext, NotValidYet, NotValidYetContext};
    let rustls::Error::InvalidCertificate(objection) = objection else { return false };
    matches!(objection, BadEncoding | Expired | ExpiredContext { .. } | NotValidYet | NotValidYetContext { .. })
}

impl Judge {
    fn new(roots: Option<&Roots>, mode: SslMode, provider: &CryptoProvider) -> Result<Self, TlsFault> {
        let trust = roots.map(Trust::read).transpose()?;
        let algorithms = provider.signature_verification_algorithms;
        Ok(Self { trust, names_host: mode == SslMode::VerifyFull, algorithms })
    }
}

impl ServerCertVerifier for Judge {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        host: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if let Some(trust) = &self.trust {
            trust.judge_chain(certificate, between, now, self.algorithms)?;
        }
        if self.names_host {
            verify_server_name(&ParsedCertificate::try_from(certificate)?, host)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
    use tempfile::TempDir;

    use super::*;

    /// A root and the files that come from it.
    struct Authority {
        issuer: CertifiedIssuer<'static, KeyPair>,
        dir: TempDir,
    }

    impl Authority {
        fn new() -> Self {
            let mut params = CertificateParams::default();
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
            let dir = tempfile::tempdir().unwrap();
            fs::write(dir.path().join("root.pem"), issuer.pem()).unwrap();
            Self { issuer, dir }
        }

        fn roots(&self) -> Roots {
            Roots::File(self.dir.path().join("root.pem"))
        }

        /// A certificate for a host, and its key.
        fn signs(&self, params: &CertificateParams) -> (rcgen::Certificate, KeyPair) {
            let key = KeyPair::generate().unwrap();
            (params.signed_by(&key, &self.issuer).unwrap(), key)
        }
    }

    fn of_host(name: &str) -> CertificateParams {
        CertificateParams::new(vec![name.to_owned()]).unwrap()
    }

    /// What a mode says of the certificate of a server that was asked for as `db`.
    fn judged(mode: SslMode, roots: Option<&Roots>, certificate: &CertificateDer<'_>) -> Result<(), rustls::Error> {
        let judge = Judge::new(roots, mode, &aws_lc_rs::default_provider()).unwrap();
        judge.verify_server_cert(certificate, &[], &"db".try_into().unwrap(), &[], UnixTime::now()).map(drop)
    }

    #[test]
    fn each_mode_believes_whom_it_should() {
        use SslMode::{Allow, Prefer, Require, VerifyCa, VerifyFull};
        let (ours, theirs) = (Authority::new(), Authority::new());
        let (right, _) = ours.signs(&of_host("db"));
        let (other_host, _) = ours.signs(&of_host("elsewhere"));
        let (forged, _) = theirs.signs(&of_host("db"));
        let mut expired = of_host("db");
        expired.not_after = date_time_ymd(2020, 1, 1);
        let (expired, _) = ours.signs(&expired);
        let certificates = [&right, &other_host, &forged, &expired].map(rcgen::Certificate::der);
        let root = Some(ours.roots());
        let check = |mode: SslMode, roots: Option<&Roots>, expected: [bool; 4]| {
            let believed = certificates.map(|certificate| judged(mode, roots, certificate).is_ok());
            assert_eq!(believed, expected, "{mode:?} with {roots:?}");
        };
        for mode in [Allow, Prefer, Require] {
            check(mode, None, [true; 4]);
            check(mode, root.as_ref(), [true, true, false, false]);
        }
        check(VerifyCa, root.as_ref(), [true, true, false, false]);
        check(VerifyFull, root.as_ref(), [true, false, false, false]);
    }

    #[test]
    fn a_self_signed_certificate_that_is_given_is_its_own_root() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("server.pem");
        let self_signed = |mut params: CertificateParams| {
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            let certificate = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
            fs::write(&path, certificate.pem()).unwrap();
            certificate.der().clone()
        };
        let roots = Roots::File(path.clone());
        let stranger = self_signed(of_host("db"));
        let given = self_signed(of_host("db"));
        assert_eq!(judged(SslMode::VerifyFull, Some(&roots), &given), Ok(()));
        assert!(judged(SslMode::VerifyCa, Some(&roots), &stranger).is_err());
        let given = self_signed(of_host("elsewhere"));
        assert_eq!(judged(SslMode::VerifyCa, Some(&roots), &given), Ok(()));
        assert!(judged(SslMode::VerifyFull, Some(&roots), &given).is_err());
        let mut expired = of_host("db");
        expired.not_after = date_time_ymd(2020, 1, 1);
        let given = self_signed(expired);
        assert!(judged(SslMode::VerifyCa, Some(&roots), &given).is_err());
    }

    #[test]
    fn files_that_cannot_be_used_are_told() {
        let ours = Authority::new();
        let write = |name: &str, text: &str| {
            let path = ours.dir.path().join(name);
            fs::write(&path, text).unwrap();
            path
        };
        let told = |protection: Protection| {
            let fault = protection.client_config().expect_err("a file is wrong");
            std::iter::successors(std::error::Error::source(&fault), |cause| cause.source())
                .fold(fault.to_string(), |words, cause| format!("{words}: {cause}"))
        };
        let with_roots = |path: PathBuf| told(Protection { roots: Some(Roots::File(path)), ..Protection::default() });
        assert!(with_roots("/no/where.pem".into()).starts_with("sslrootcert: /no/where.pem cannot be read"));
        assert!(with_roots(write("empty.pem", "")).contains("empty.pem cannot be read as a file in PEM"));
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert!(with_roots(write("broken.pem", broken)).contains("broken.pem cannot be used as a root"));

        let (certificate, key) = ours.signs(&of_host("me"));
        let chain = write("chain.pem", &certificate.pem());
        let with_client = |chain: &Path, key: &Path| {
            let client = Some(ClientCertificate { chain: chain.to_owned(), key: key.to_owned() });
            told(Protection { client, ..Protection::default() })
        };
        let key = write("key.pem", &key.serialize_pem());
        assert!(with_client(&key, &key).starts_with("sslcert: "));
        assert!(with_client(&chain, &chain).starts_with("sslkey: "));
        let other = write("other.pem", &KeyPair::generate().unwrap().serialize_pem());
        assert!(with_client(&chain, &other).starts_with("sslcert and sslkey cannot be used"));
        let client = Some(ClientCertificate { chain, key });
        let config = Protection { client, ..Protection::default() }.client_config().unwrap();
        assert!(config.client_auth_cert_resolver.has_certs());
    }

    #[test]
    fn files_that_are_not_used_are_not_read() {
        let missing = |mode| Protection { mode, roots: Some(Roots::File("/no/where.pem".into())), client: None };
        assert!(missing(SslMode::Disable).connector().is_ok());
        assert!(missing(SslMode::Prefer).connector().is_err());
    }

    #[test]
    fn what_each_mode_asks_of_the_protocol() {
        let asked = SslMode::ALL.map(|mode| (format!("{:?}", mode.wire()), mode.may_be_plain()));
        let expected = ["Disable", "Prefer", "Prefer", "Require", "Require", "Require"];
        assert_eq!(asked.clone().map(|(wire, _)| wire), expected);
        assert_eq!(asked.map(|(_, plain)| plain), [false, true, true, false, false, false]);
    }
}
