//! The built `access_control`, called as a chain calls it. One file for each family of operations or checks.

mod scene;
mod verify;
