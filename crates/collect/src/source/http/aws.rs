//! Signature Version 4 of AWS, by the library of its own makers.

use std::time::{Instant, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{
        PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
        UriPathNormalizationMode, sign,
    },
    sign::v4,
};
use aws_smithy_runtime_api::client::identity::Identity;
use jiff::Timestamp;

use super::client::Asked;
use crate::Error;

/// Signs requests for one service of one region.
pub(super) struct Signer {
    identity: Identity,
    service: String,
    region: String,
    /// The time of the collection's beginning, and when that was on this machine's steady clock.
    began: (Timestamp, Instant),
}

impl Signer {
    pub fn new(access_key: String, secret_key: String, service: &str, region: String, clock: Timestamp) -> Self {
        let identity = Credentials::new(access_key, secret_key, None, None, "tickmark").into();
        Self { identity, service: service.to_owned(), region, began: (clock, Instant::now()) }
    }

    /// The headers that sign a request, which are good for some minutes.
    pub fn headers(&self, asked: &Asked) -> Result<Vec<(String, String)>, Error> {
        let failed = |problem: String| Error::Request { request: asked.shown(), problem };
        let (clock, instant) = self.began;
        let time = SystemTime::from(clock) + instant.elapsed();
        let mut settings = SigningSettings::default();
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        if self.service == "s3" {
            // Names of objects are signed as they stand in the address.
            settings.percent_encoding_mode = PercentEncodingMode::Single;
            settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        }
        let parameters = v4::SigningParams::builder()
            .identity(&self.identity)
            .region(&self.region)
            .name(&self.service)
            .time(time)
            .settings(settings)
            .build()
            .map_err(|cause| failed(cause.to_string()))?
            .into();
        let sent = asked.sent();
        let body = sent.as_ref().map_or(&[][..], |(_, body)| body.as_bytes());
        let headers = asked.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let request = SignableRequest::new(asked.method(), asked.url.as_str(), headers, SignableBody::Bytes(body));
        let request = request.map_err(|cause| failed(cause.to_string()))?;
        let (signed, _) = sign(request, &parameters).map_err(|cause| failed(cause.to_string()))?.into_parts();
        let (headers, _) = signed.into_parts();
        Ok(headers.iter().map(|header| (header.name().to_owned(), header.value().to_owned())).collect())
    }
}
