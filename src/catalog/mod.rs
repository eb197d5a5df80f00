//! Parameter templates and named procedures: data and look-up only.

pub mod template;
