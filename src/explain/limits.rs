//! The limits as text: those that people can set, and what the plan makes of them for each process.

use super::Shown;
use crate::limits::Limits;
use crate::physical::bounds;

/// All limits by name, and the bounds of each process on a machine with so many cores.
pub fn limits(shown: Shown<'_>, limits: &Limits, cores: u64) -> String {
    let listed = limits.listed();
    let name = listed.iter().map(|limit| limit.name.len()).max().unwrap_or(0);
    let value = listed.iter().map(|limit| limit.value.to_string().len()).max().unwrap_or(0);
    let mut text = String::new();
    for limit in listed {
        text.push_str(&format!(
            "{:name$}  {:>value$}  {:17}  {}\n",
            limit.name, limit.value, limit.unit, limit.meaning
        ));
    }
    text.push('\n');
    let plan = &shown.compilation.physical;
    for job in &plan.jobs {
        let most = bounds(plan, shown.source, job, limits, cores);
        text.push_str(&format!(
            "{}: {} of memory, {} s of processor time, {} a file, {} open files, {} s without progress\n",
            job.id, most.address_space, most.processor_seconds, most.file_size, most.open_files, most.stall_seconds
        ));
    }
    text
}
