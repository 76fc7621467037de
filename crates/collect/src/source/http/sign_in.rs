//! What a request carries so that the product knows who asks.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use url::Url;

use super::{
    super::json,
    aws,
    client::{Asked, Body},
};
use crate::{
    Error,
    connector::{Auth, SecretHeader, Sign, Template, Written},
};

/// Signs requests in.
pub(super) struct SignIn {
    how: How,
    /// The token in force, where one is given for the secret.
    token: Mutex<Option<String>>,
}

enum How {
    Headers(Vec<(String, String)>),
    Oauth2Client { url: Url, form: Vec<(String, String)>, authorization: Option<String> },
    AwsSigv4(aws::Signer),
}

/// A request for a token.
pub(super) struct TokenRequest {
    pub asked: Asked,
    pub signed: Vec<(String, String)>,
}

impl SignIn {
    pub fn new(
        auth: &Auth,
        sign: Option<&Sign>,
        secrets: BTreeMap<String, String>,
        values: &BTreeMap<String, String>,
        clock: Timestamp,
    ) -> Result<Self, String> {
        let secret = |name: &str| secrets.get(name).cloned().ok_or_else(|| format!("there is no secret `{name}`"));
        let filled = |template: &Template, written| {
            template.filled(values, written).map_err(|place| format!("`{{{place}}}` has no value"))
        };
        let authorization = |value: String| How::Headers(vec![("authorization".to_owned(), value)]);
        let basic = |user: &str, password: &str| format!("Basic {}", STANDARD.encode(format!("{user}:{password}")));
        let how = match auth {
            Auth::None {} => How::Headers(Vec::new()),
            Auth::Bearer { token } => authorization(format!("Bearer {}", secret(token)?)),
            Auth::Basic { user, password } => authorization(basic(&filled(user, Written::Plain)?, &secret(password)?)),
            Auth::Headers { headers } => {
                let with = |(name, header): (&String, &SecretHeader)| {
                    Ok((name.to_lowercase(), format!("{}{}", header.prefix, secret(&header.secret)?)))
                };
                How::Headers(headers.iter().map(with).collect::<Result<_, String>>()?)
            }
            Auth::Oauth2Client { token_url, client_id, client_secret, form, in_form } => {
                let (client_id, client_secret) = (filled(client_id, Written::Plain)?, secret(client_secret)?);
                let url = filled(token_url, Written::Segment)?;
                let url = Url::parse(&url).map_err(|cause| format!("`{url}` is not an address: {cause}"))?;
                let mut fields = vec![("grant_type".to_owned(), "client_credentials".to_owned())];
                for (name, value) in form {
                    fields.push((name.clone(), filled(value, Written::Plain)?));
                }
                let mut authorization = None;
                if *in_form {
                    fields.push(("client_id".to_owned(), client_id));
                    fields.push(("client_secret".to_owned(), client_secret));
                } else {
                    // Both are form-encoded before they are joined (RFC 6749, section 2.3.1).
                    let encoded =
                        |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
                    authorization = Some(basic(&encoded(&client_id), &encoded(&client_secret)));
                }
                How::Oauth2Client { url, form: fields, authorization }
            }
            Auth::AwsSigv4 { access_key, secret_key } => {
                let sign = sign.ok_or("says not for which service requests are signed")?;
                let region = filled(&sign.region, Written::Plain)?;
                How::AwsSigv4(aws::Signer::new(secret(access_key)?, secret(secret_key)?, &sign.service, region, clock))
            }
        };
        Ok(Self { how, token: Mutex::new(None) })
    }

    /// The headers that sign this request in; `ask` sends a request for a token.
    pub fn headers(
        &self,
        asked: &Asked,
        ask: &mut dyn FnMut(TokenRequest) -> Result<Vec<u8>, Error>,
    ) -> Result<Vec<(String, String)>, Error> {
        match &self.how {
            How::Headers(headers) => Ok(headers.clone()),
            How::AwsSigv4(signer) => signer.headers(asked),
            How::Oauth2Client { url, form, authorization } => {
                // Held while a token is asked for, so that those side by side do not ask for one each.
                let mut token = self.token.lock().unwrap_or_else(PoisonError::into_inner);
                let in_force = match token.as_ref() {
                    Some(token) => token.clone(),
                    None => {
                        let (url, body) = (url.clone(), Body::Form(form.clone()));
                        let asked = Asked { url, headers: Vec::new(), body, is_first: true };
                        let request = asked.shown();
                        let signed = authorization.iter().map(|value| ("authorization".to_owned(), value.clone()));
                        let body = ask(TokenRequest { asked, signed: signed.collect() })?;
                        let problem = || "the answer has no `access_token`".to_owned();
                        let given = token_of(&body).ok_or_else(|| Error::Request { request, problem: problem() })?;
                        token.insert(given).clone()
                    }
                };
                Ok(vec![("authorization".to_owned(), format!("Bearer {in_force}"))])
            }
        }
    }

    /// Forgets the token in force; whether another can be had.
    pub fn forget(&self) -> bool {
        match self.how {
            How::Headers(_) | How::AwsSigv4(_) => false,
            How::Oauth2Client { .. } => {
                self.token.lock().unwrap_or_else(PoisonError::into_inner).take();
                true
            }
        }
    }
}

/// The token that an answer gives (RFC 6749, section 5.1).
pub(super) fn token_of(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    let found = json::at(text, &["access_token".to_owned()]).ok()??;
    json::plain_text(found).filter(|token| !token.is_empty())
}
