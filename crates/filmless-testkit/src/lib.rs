//! What tests need and the product does not: synthetic instances, servers of their own, a spawned `filmless`.
//! Beside the tower: used by tests alone, and of Filmless it knows the words (`filmless-model`) and nothing else.

pub mod events;
pub mod instance;
pub mod multipart;
pub mod part10;
pub mod performed_step;
pub mod postgres;
pub mod repository;
pub mod requester;
pub mod s3;
pub mod server;
pub mod site;
pub mod wait;
