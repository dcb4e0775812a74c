//! Key/value properties exactly as a writer left them.

use serde::{Deserialize, Serialize};

/// Properties of a database, table, SerDe or partition: every key and value byte for byte, in the
/// order written. Unknown ones are another engine's business and must survive a round trip.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// No properties.
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of exactly `key`.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str())
    }

    /// The value of `key` in any ASCII case; an exact match goes first.
    pub fn get_ignore_case(&self, key: &str) -> Option<&str> {
        self.get(key)
            .or_else(|| self.0.iter().find(|(k, _)| k.eq_ignore_ascii_case(key)).map(|(_, v)| v.as_str()))
    }

    /// Replaces the value of `key` where it stands, or appends it.
    pub fn set(&mut self, key: impl Into<String>, value: impl Into<String>) {
        let (key, value) = (key.into(), value.into());
        match self.0.iter_mut().find(|(k, _)| *k == key) {
            Some((_, old)) => *old = value,
            None => self.0.push((key, value)),
        }
    }

    /// Takes `key` out; its value if it was there.
    pub fn remove(&mut self, key: &str) -> Option<String> {
        let at = self.0.iter().position(|(k, _)| k == key)?;
        Some(self.0.remove(at).1)
    }

    /// Key and value, in the order written.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(k, v)| (k.as_str(), v.as_str()))
    }

    /// How many properties there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Parameters {
    /// The last value of a repeated key wins, at the place of the first.
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let mut parameters = Self::new();
        for (key, value) in pairs {
            parameters.set(key, value);
        }
        parameters
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn order_and_bytes_survive_json() {
        let parameters: Parameters =
            [("z", "1"), ("a", "\u{1}\"\\é"), ("EXTERNAL", "TRUE")].into_iter().collect();
        let json = serde_json::to_string(&parameters).unwrap();
        assert_eq!(serde_json::from_str::<Parameters>(&json).unwrap(), parameters);
        assert_eq!(parameters.iter().map(|(k, _)| k).collect::<Vec<_>>(), ["z", "a", "EXTERNAL"]);
    }

    #[test]
    fn set_replaces_in_place_and_case_matters_only_when_asked() {
        let mut parameters: Parameters = [("a", "1"), ("b", "2")].into_iter().collect();
        parameters.set("a", "3");
        assert_eq!(parameters.iter().collect::<Vec<_>>(), [("a", "3"), ("b", "2")]);
        assert_eq!(parameters.get("A"), None);
        assert_eq!(parameters.get_ignore_case("A"), Some("3"));
        assert_eq!(parameters.remove("a").as_deref(), Some("3"));
        assert_eq!(parameters.len(), 1);
    }
}
