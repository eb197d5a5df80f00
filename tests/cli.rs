//! The program as people and scripts meet it: what it prints, how it ends, and what bad input does to it.

#[path = "cli/bad_machine.rs"]
mod bad_machine;
#[path = "cli/bad_procedure.rs"]
mod bad_procedure;
#[path = "cli/bad_source.rs"]
mod bad_source;
#[path = "cli/corpus.rs"]
mod corpus;
#[path = "cli/costs.rs"]
mod costs;
#[path = "cli/fetching.rs"]
mod fetching;
#[path = "cli/file_server.rs"]
mod file_server;
#[path = "cli/formatting.rs"]
mod formatting;
#[path = "cli/forms.rs"]
mod forms;
#[path = "cli/hostile.rs"]
mod hostile;
#[path = "cli/house.rs"]
mod house;
#[path = "cli/init.rs"]
mod init;
#[path = "cli/manners.rs"]
mod manners;
#[path = "cli/keys.rs"]
mod keys;
#[path = "cli/mending.rs"]
mod mending;
#[path = "cli/notifying.rs"]
mod notifying;
#[path = "cli/odd_world.rs"]
mod odd_world;
#[path = "cli/packages.rs"]
mod packages;
#[path = "cli/planning.rs"]
mod planning;
mod receiver;
#[path = "cli/running.rs"]
mod running;
#[path = "cli/stopping.rs"]
mod stopping;
#[path = "cli/surface.rs"]
mod surface;
