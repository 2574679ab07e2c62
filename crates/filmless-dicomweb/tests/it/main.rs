//! The web door over a real archive: SQLite and a folder, asked as clients ask.

mod composing;
mod deleting;
mod documents;
mod doorway;
mod elements;
mod following;
mod medium;
mod presenting;
mod promises;
mod reports;
mod retrieving;
mod searching;
mod site;
mod storing;
mod wado_uri;
mod waveforms;
