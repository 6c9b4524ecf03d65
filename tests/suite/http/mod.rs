//! The HTTP API from outside: the real server on a port of its own, with a clock that the test sets.

mod appointments;
mod calendar_file;
mod caller;
mod changes;
mod description;
mod files;
mod heard;
mod public;
mod session;
mod staff;
mod test_app;
