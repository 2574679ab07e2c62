//! filmless end to end
