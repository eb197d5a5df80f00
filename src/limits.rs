//! What may be used at most: limits of sources, of what is made from them and of processes, each with a name and a default.
//!
//! They are on unless somebody raises them (`reliability.md` R6, R7): a file of two kilobytes can ask for a year of
//! processor time.

use crate::diag::{Diagnostic, codes, message, nearest};

/// One mebibyte in bytes.
pub const MEBIBYTE: u64 = 1 << 20;

// One table, so that every limit has a field, a name on the command line, a default and a meaning, or none of them.
macro_rules! limits {
    ($($field:ident $name:literal $default:literal $least:literal $unit:literal $meaning:literal;)*) => {
        /// All limits, as whole numbers in the units that their documentation names.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct Limits {
            $(#[doc = concat!($meaning, " Unit: ", $unit, ".")] pub $field: u64,)*
        }

        impl Default for Limits {
            fn default() -> Self {
                Limits { $($field: $default,)* }
            }
        }

        impl Limits {
            /// Names, values, units and meanings, in the order in which people read them.
            pub fn listed(&self) -> Vec<Limit> {
                vec![$(Limit { name: $name, value: self.$field, unit: $unit, meaning: $meaning },)*]
            }

            fn find(&mut self, name: &str) -> Option<(&mut u64, u64)> {
                match name {
                    $($name => Some((&mut self.$field, $least)),)*
                    _ => None,
                }
            }
        }
    };
}

limits! {
    source_bytes "source-bytes" 1_099_511_627_776 1 "bytes" "Size of a source.";
    source_side "source-side" 8192 16 "pixels" "Longer side of a source's pictures.";
    source_pixels "source-pixels" 50_000_000 256 "pixels" "Pixels of one picture of a source.";
    source_streams "source-streams" 32 1 "streams" "Streams of a source.";
    source_seconds "source-seconds" 86_400 1 "seconds" "Length of a source.";
    source_rate "source-rate" 120 1 "pictures a second" "Pictures of a source in a second, declared and counted.";
    output_pixels "output-pixels" 16_000_000 256 "pixels" "Pixels of one picture of an output.";
    sheet_pixels "sheet-pixels" 16_000_000 256 "pixels" "Pixels of one sheet of a sprite.";
    memory "memory" 4096 512 "MiB" "Address space of a process, before what its cores, encoders and pictures add.";
    process_memory "process-memory" 4096 32 "MiB" "Memory that a process is expected to hold; what would hold more is cut into several.";
    processor_factor "processor-factor" 8 1 "times" "Processor time of a process, as a multiple of its estimate.";
    bytes_factor "bytes-factor" 2 1 "times" "Bytes of a file, as a multiple of its estimate.";
    open_files "open-files" 256 32 "files" "Files that a process has open.";
    mark_pixels "mark-pixels" 16_000_000 256 "pixels" "Pixels of one picture of a mark.";
    fetch_seconds "fetch-seconds" 21_600 1 "seconds" "Time of a download, with all attempts.";
    fetch_pace "fetch-pace" 60 1 "seconds" "Time in which an answer must begin, and each further mebibyte of it must come.";
    fetch_attempts "fetch-attempts" 5 1 "times" "Attempts at a download of which none brings it further.";
    fetch_redirects "fetch-redirects" 3 1 "times" "Addresses that a source's address leads on to.";
    fetched_mebibytes "fetched" 20_480 0 "MiB" "Downloaded sources that are kept for later runs.";
    stall "stall" 60 1 "seconds" "Time in which a process may get no further.";
}

/// One limit, for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Its name on the command line.
    pub name: &'static str,
    /// Its value.
    pub value: u64,
    /// What the value counts.
    pub unit: &'static str,
    /// What it limits.
    pub meaning: &'static str,
}

impl Limits {
    /// Sets one limit from `NAME=VALUE`; the error is an invalid option.
    pub fn set(&mut self, text: &str) -> Result<(), Diagnostic> {
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        let names: Vec<&str> = self.listed().iter().map(|limit| limit.name).collect();
        let Some((field, least)) = self.find(name) else {
            let problem = Diagnostic::new(&codes::INVALID_OPTION, message!("there is no limit `{}`", name));
            return Err(problem.with_help(match nearest(name, names.iter().copied()) {
                Some(near) => message!("`{}` is near; `vodflow plan --stage limits` lists all", near),
                None => message!("`vodflow plan --stage limits` lists all"),
            }));
        };
        match value.parse::<u64>().ok().filter(|value| (least..=MOST).contains(value)) {
            Some(value) => *field = value,
            None => {
                let note = message!("the limit `{}` takes a whole number from {} to {}", name, least, MOST);
                let problem = Diagnostic::new(&codes::INVALID_OPTION, note);
                return Err(problem.with_help(message!("write `--max {}={}`", name, *field)));
            }
        }
        Ok(())
    }
}

/// The largest value of any limit: sums of several still fit into 64 bits.
const MOST: u64 = 1 << 50;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_set_by_its_name() {
        let mut limits = Limits::default();
        limits.set("output-pixels=40000000").expect("a limit");
        assert_eq!((limits.output_pixels, limits.sheet_pixels), (40_000_000, 16_000_000));
        for limit in Limits::default().listed() {
            limits.set(&format!("{}={}", limit.name, limit.value)).expect("its own default");
        }
        assert_eq!(limits, Limits::default());
    }

    #[test]
    fn what_is_no_limit_is_said() {
        let said = |text: &str| {
            let problem = Limits::default().set(text).expect_err("no limit");
            (problem.message, problem.help.unwrap_or_default())
        };
        assert!(said("outptu-pixels=1").1.contains("`output-pixels` is near"));
        for text in ["memory", "memory=", "memory=-1", "memory=1", "memory=1e9", "memory=99999999999999999999"] {
            assert!(said(text).0.contains("whole number from 512"), "{text}");
        }
    }
}
