//! Tests of the repository as a whole: `tidy` holds its rules, `e2e` drives the real binary with real peers.
