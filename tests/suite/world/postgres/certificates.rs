//! Certificates for a cluster that speaks TLS, made for one test and then forgotten.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::programs::{give_to_server_user, run};

/// Whom the certificate of a server names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certificate {
    /// Loopback, where it is.
    OfThisHost,
    /// A host that it is not.
    OfAnotherHost,
}

/// One section for each kind of certificate.
const EXTENSIONS: &str = "\
[req]
distinguished_name = subject
[subject]
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[this_host]
basicConstraints = critical, CA:FALSE
extendedKeyUsage = serverAuth
subjectAltName = IP:127.0.0.1, DNS:localhost
[another_host]
basicConstraints = critical, CA:FALSE
extendedKeyUsage = serverAuth
subjectAltName = DNS:elsewhere.example
";

/// Makes an authority in the folder of a cluster, and a certificate of its server where a server looks for it.
pub fn make(folder: &Path, data: &Path, certificate: Certificate) {
    fs::write(folder.join("extensions"), EXTENSIONS).unwrap();
    let (authority, authority_key) = (authority(folder), folder.join("authority.key"));
    let mut request = request(folder, "/CN=hallpass test authority", "authority");
    run(request.arg("-out").arg(&authority).arg("-keyout").arg(&authority_key));
    let (subject, section) = match certificate {
        Certificate::OfThisHost => ("/CN=localhost", "this_host"),
        Certificate::OfAnotherHost => ("/CN=elsewhere.example", "another_host"),
    };
    let mut request = self::request(folder, subject, section);
    request.arg("-CA").arg(authority).arg("-CAkey").arg(authority_key);
    run(request.arg("-out").arg(data.join("server.crt")).arg("-keyout").arg(data.join("server.key")));
    give_to_server_user(data);
}

/// The certificate of the authority in the folder of a cluster.
pub fn authority(folder: &Path) -> PathBuf {
    folder.join("authority.crt")
}

/// A certificate with a new key, for a day.
fn request(folder: &Path, subject: &str, section: &str) -> Command {
    let mut openssl = Command::new("openssl");
    openssl.args(["req", "-x509", "-noenc", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-days", "1"]);
    openssl.args(["-subj", subject, "-extensions", section, "-config"]).arg(folder.join("extensions"));
    openssl
}
