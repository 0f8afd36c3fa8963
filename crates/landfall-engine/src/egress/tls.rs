//! TLS over whatever a dialler connects to.

use std::error::Error;
use std::io;
use std::sync::Arc;

use http::Uri;
use hyper::rt::{Read, Write};
use hyper_rustls::{ConfigBuilderExt, HttpsConnector, MaybeHttpsStream};
use hyper_util::client::legacy::connect::Connection;
use rustls::client::WantsClientCert;
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{CertificateError, ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier};
use tower::Service;

use super::error::{EgressError, SendError};

/// Whose certificates are believed.
#[derive(Clone)]
pub(super) struct Trust {
    /// The authorities that browsers trust.
    public: Arc<ClientConfig>,
    /// The operator's own authorities.
    own: Option<Arc<ClientConfig>>,
}

impl Trust {
    pub(super) fn new(ca_pem: Option<&[u8]>) -> Result<Self, EgressError> {
        let public = finished(builder()?.with_webpki_roots());
        let own = match ca_pem {
            Some(pem) => Some(finished(builder()?.with_root_certificates(own_roots(pem)?))),
            None => None,
        };
        Ok(Self { public, own })
    }
}

fn builder() -> Result<ConfigBuilder<ClientConfig, WantsVerifier>, rustls::Error> {
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
}

fn finished(builder: ConfigBuilder<ClientConfig, WantsClientCert>) -> Arc<ClientConfig> {
    Arc::new(builder.with_no_client_auth())
}

fn own_roots(pem: &[u8]) -> Result<RootCertStore, EgressError> {
    let unusable = |error: &dyn Error| EgressError::Certificates(error.to_string());
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        roots.add(certificate.map_err(|e| unusable(&e))?).map_err(|e| unusable(&e))?;
    }
    if roots.is_empty() {
        return Err(EgressError::Certificates("there is no certificate in it".to_owned()));
    }
    Ok(roots)
}

/// Connects with a dialler, and encrypts when the URL says https.
#[derive(Clone)]
pub(super) struct Tls<D> {
    public: HttpsConnector<D>,
    own: Option<HttpsConnector<D>>,
}

impl<D> Tls<D>
where
    D: Service<Uri, Error = SendError> + Clone,
    D::Response: Connection + Read + Write + Send + Unpin + 'static,
    D::Future: Send + 'static,
{
    pub(super) fn new(dialler: &D, trust: &Trust) -> Self {
        let over = |config: &Arc<ClientConfig>| {
            HttpsConnector::from((dialler.clone(), Arc::clone(config)))
        };
        Self { public: over(&trust.public), own: trust.own.as_ref().map(over) }
    }

    /// Connects believing the public authorities, and if none of them signed the certificate,
    /// once more believing the operator's own.
    pub(super) async fn connect(
        &self,
        uri: &Uri,
    ) -> Result<MaybeHttpsStream<D::Response>, SendError> {
        let first = self.public.clone().call(uri.clone()).await;
        match (first, &self.own) {
            (Err(error), Some(own)) if is_unknown_issuer(&*error) => {
                own.clone().call(uri.clone()).await.map_err(explained)
            }
            (outcome, _) => outcome.map_err(explained),
        }
    }
}

/// A connector's error is its dialler's, or else the handshake's.
fn explained(error: Box<dyn Error + Send + Sync>) -> SendError {
    match error.downcast::<SendError>() {
        Ok(known) => *known,
        Err(other) => SendError::Tls(other.to_string()),
    }
}

fn is_unknown_issuer(error: &(dyn Error + Send + Sync + 'static)) -> bool {
    let mut cause = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    // The handshake's error comes wrapped twice.
    while let Some(inner) = cause.and_then(|error| error.downcast_ref::<io::Error>()) {
        cause = inner.get_ref();
    }
    let unknown = rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
    cause.and_then(|error| error.downcast_ref::<rustls::Error>()) == Some(&unknown)
}
