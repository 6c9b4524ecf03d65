//! The HTTP API from outside: the real server on a port of its own, with a clock that the test sets.

mod appointments;
mod bad_bodies;
mod bad_heads;
mod bad_queries;
mod calendar_file;
mod caller;
mod changes;
mod description;
mod failing;
mod files;
mod heard;
mod judgement;
mod problems;
mod public;
mod session;
mod staff;
mod test_app;
mod wire;
