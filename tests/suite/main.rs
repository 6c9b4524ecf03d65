//! The integration tests, one binary.

mod world;
