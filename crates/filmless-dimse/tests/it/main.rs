//! The door over real sockets: a client of bytes for what no toolkit sends, and foreign toolkits where they are installed.

mod client;
mod destination;
mod door;
mod keys;

mod association;
mod commitment;
mod echo;
mod fetching;
mod find;
mod forwarding;
mod get;
mod hostile;
mod interop;
mod limits;
mod moving;
mod performed_step;
mod requestor_table;
mod searching;
mod shutdown;
mod state_table;
mod store;
mod users;
mod window;
mod worklist;
