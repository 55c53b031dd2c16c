//! Access: authorization servers (issuers), scopes, roles, grants, trust, and what can be done to them.

mod change;
mod entry;
mod error;
mod issuer;
mod names;
mod operation;

pub use change::{AccessChange, AccessLogEntry};
pub use entry::{AccessInfo, Entitlement, Entitlements, Grant, Grantee, Right, RoleRecord, Scope, Sensitivity, Trust};
pub use error::AccessError;
pub use issuer::{Issuer, IssuerDelegate, IssuerId, IssuerKey, IssuerKeyId, IssuerOffer, IssuerRole, IssuerStatus};
pub use names::{is_audience, is_client_id, is_issuer_url, is_role_name, is_scope_name, is_token_id};
pub use operation::{AccessOperation, NewIssuerKey};
