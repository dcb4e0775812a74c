//! Which types become which on their own.

use crate::Type;

/// True if a value of `from` may stand where `to` is expected.
pub fn can_coerce(from: &Type, to: &Type) -> bool {
    from == to || *from == Type::Unknown
}

/// The type that both become, if there is one.
pub fn common_type(left: &Type, right: &Type) -> Option<Type> {
    if can_coerce(left, right) {
        return Some(right.clone());
    }
    can_coerce(right, left).then(|| left.clone())
}
