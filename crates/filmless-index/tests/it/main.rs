//! What every engine of the index must do: one suite, run on SQLite and on Postgres.

mod accounts;
mod audit;
mod availability;
mod coercions;
mod commitments;
mod concurrency;
mod deletions;
mod exports;
mod forwarding;
mod further;
mod opening;
mod orders;
mod paging;
mod patients;
mod peers;
mod performed_steps;
mod retrieve;
mod rules;
mod sample;
mod search;
mod study_list;
mod text;
mod versions;
mod zones;
