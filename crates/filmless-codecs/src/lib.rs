//! filmless-codecs
