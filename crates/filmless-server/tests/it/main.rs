//! The service as its clients meet it: one embedded archive for each test, nothing else running.

mod access;
mod accounts;
mod api;
mod coercion;
mod connections;
mod events;
mod exports;
mod import;
mod orders;
mod pages;
mod peers;
mod prints;
mod second_factor;
mod settings;
mod sign_in;
mod site;
mod study_list;
mod study_page;
