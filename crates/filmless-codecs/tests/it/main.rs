//! The pool and its workers, with the worker binary of this crate.

mod pool;
