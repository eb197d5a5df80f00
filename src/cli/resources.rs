//! What a run may use of the machine: `--jobs`, `--memory`, `--nice`, `--cache`.

use crate::exec::Crew;
use clap::Args;

/// Resources of a run.
#[derive(Args)]
pub struct Resources {
    /// Processes at the same time [default: as cores and memory allow]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: Option<u16>,
    /// Memory that all processes may be planned to use together, such as `4GB` [default: 3/4 of what is free]
    #[arg(long, value_name = "BYTES", value_parser = bytes)]
    memory: Option<u64>,
    /// Yield to other work: 0 (not at all) to 19 (to everything)
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=19))]
    nice: u8,
    /// Bytes of finished streams kept in the output folder for later runs, such as `20GB`; 0 keeps nothing
    #[arg(long, value_name = "BYTES", value_parser = bytes, default_value = "10GB")]
    pub cache: u64,
}

impl Resources {
    /// What processes may use together.
    pub fn crew(&self) -> Crew {
        let usual = Crew::default();
        Crew {
            processes: self.jobs.map_or(usual.processes, usize::from),
            memory: self.memory.unwrap_or(usual.memory),
            ..usual
        }
    }

    /// Makes this process, and with it all that it starts, yield to others.
    pub fn yield_to_others(&self) {
        if self.nice > 0 {
            // A kernel that refuses leaves us as we were.
            let _ = rustix::process::nice(i32::from(self.nice));
        }
    }
}

/// Reads `4GB`, `512MB`, `800kB`, `4GiB`, or plain bytes.
pub fn bytes(text: &str) -> Result<u64, String> {
    const UNITS: [(&str, u64); 8] = [
        ("GiB", 1 << 30),
        ("MiB", 1 << 20),
        ("KiB", 1 << 10),
        ("TB", 1_000_000_000_000),
        ("GB", 1_000_000_000),
        ("MB", 1_000_000),
        ("kB", 1_000),
        ("B", 1),
    ];
    let (number, unit) =
        UNITS.iter().find_map(|(name, unit)| Some((text.strip_suffix(name)?.trim_end(), *unit))).unwrap_or((text, 1));
    let value = number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit));
    value.ok_or_else(|| "a size is a whole number with `kB`, `MB`, `GB` or `TB`, such as `20GB`".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        let read = |text| bytes(text).ok();
        assert_eq!((read("0"), read("20GB"), read("3 MiB")), (Some(0), Some(20_000_000_000), Some(3 << 20)));
        assert_eq!((read("5B"), read("7kB"), read("1TB")), (Some(5), Some(7000), Some(1_000_000_000_000)));
        assert_eq!(
            (read(""), read("GB"), read("-1"), read("1.5GB"), read("99999999999TB")),
            (None, None, None, None, None)
        );
    }
}
