//! The one key pair a test server knows. The signature itself is checked by `s3s`.

use s3s::auth::{S3Auth, SecretKey};
use s3s::{S3Result, s3_error};

/// Answers as S3 does for a key it has never seen, which `s3s::auth::SimpleAuth` does not.
pub(crate) struct KeyPair {
    pub(crate) access_key: String,
    pub(crate) secret_key: String,
}

#[async_trait::async_trait]
impl S3Auth for KeyPair {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        if access_key == self.access_key {
            return Ok(SecretKey::from(self.secret_key.clone()));
        }
        Err(s3_error!(InvalidAccessKeyId, "the access key id does not exist in our records"))
    }
}
