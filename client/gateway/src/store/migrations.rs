//! What brings a database to the form that this version has, in the program itself.

use futures::future::BoxFuture;
use sqlx::{
    error::BoxDynError,
    migrate::{Migration, MigrationSource, MigrationType},
};

/// Statements, the first of version 1.
#[derive(Debug)]
pub(super) struct Migrations(pub(super) &'static [&'static str]);

impl MigrationSource<'static> for Migrations {
    fn resolve(self) -> BoxFuture<'static, Result<Vec<Migration>, BoxDynError>> {
        let migration = |(version, statements): (i64, &&'static str)| {
            Migration::new(version, "state".into(), MigrationType::Simple, (*statements).into(), false)
        };
        let migrations = (1..).zip(self.0).map(migration).collect();
        Box::pin(async move { Ok(migrations) })
    }
}
