//! A request to an endpoint that clients authenticate at, put together piece by piece.

use std::net::{IpAddr, SocketAddr};

use axum::{extract::ConnectInfo, http::Request};
use marque_gateway::serve::PeerCertificate;

use crate::{
    assertion::{encode, form},
    scene::{Answer, Scene, TOKEN},
};

pub struct Call {
    path: &'static str,
    form: Vec<(&'static str, String)>,
    headers: Vec<(&'static str, String)>,
    address: Option<IpAddr>,
    certificate: Option<PeerCertificate>,
}

impl Call {
    /// For a token, by who has not said who it is yet.
    pub fn new(scope: &str) -> Self {
        let form = vec![("grant_type", "client_credentials".to_owned()), ("scope", scope.to_owned())];
        Self { path: TOKEN, form, headers: Vec::new(), address: None, certificate: None }
    }

    pub fn by_assertion(assertion: &str, scope: &str) -> Self {
        Self { form: form(assertion, scope), ..Self::new(scope) }
    }

    pub fn by_secret(id: &str, secret: &str, scope: &str) -> Self {
        Self::new(scope).with("client_id", id).with("client_secret", secret)
    }

    pub fn to(self, path: &'static str) -> Self {
        Self { path, ..self }
    }

    /// With one parameter more.
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.form.push((name, value.to_owned()));
        self
    }

    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// From an address.
    pub fn at(self, address: &str) -> Self {
        Self { address: Some(address.parse().unwrap()), ..self }
    }

    /// With a certificate in TLS.
    pub fn showing(self, certificate: &PeerCertificate) -> Self {
        Self { certificate: Some(certificate.clone()), ..self }
    }

    pub async fn send(self, scene: &Scene) -> Answer {
        let mut request = Request::post(self.path).header("content-type", "application/x-www-form-urlencoded");
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        if let Some(address) = self.address {
            request = request.extension(ConnectInfo(SocketAddr::new(address, 50_000)));
        }
        if let Some(certificate) = self.certificate {
            request = request.extension(certificate);
        }
        scene.send(request.body(encode(&self.form).into()).unwrap()).await
    }
}

impl Scene {
    /// For a token, by the device, with an assertion that was not used.
    pub fn call(&self, scope: &str) -> Call {
        Call::by_assertion(&self.assertion(), scope)
    }
}

impl Answer {
    /// Checks that it is a refusal with this status and error.
    pub fn expect_refused(&self, status: u16, error: &str) {
        assert_eq!((self.status.as_u16(), self.body["error"].as_str()), (status, Some(error)), "{}", self.body);
    }

    /// Checks that it is a token, and says all that this one says.
    pub fn said(&self) -> serde_json::Map<String, serde_json::Value> {
        assert_eq!(self.status, 200, "{}", self.body);
        marque_sdk::token::Jws::read(self.token()).unwrap().claims
    }

    pub fn token(&self) -> &str {
        self.body["access_token"].as_str().unwrap()
    }
}
