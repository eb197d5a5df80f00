//! What pictures of a high dynamic range say about the screen on which they were graded, and how bright they get.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The screen on which pictures were graded (SMPTE ST 2086), in the units of H.265.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MasteringDisplay {
    /// Chromaticity of green, x and y in steps of 1/50000.
    pub green: (u32, u32),
    /// Chromaticity of blue.
    pub blue: (u32, u32),
    /// Chromaticity of red.
    pub red: (u32, u32),
    /// Chromaticity of white.
    pub white: (u32, u32),
    /// Brightest and darkest, in steps of 1/10000 cd/m².
    pub luminance: (u32, u32),
}

/// How bright pictures get, in cd/m² (CTA-861.3: MaxCLL and MaxFALL).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LightLevel {
    /// The brightest pixel.
    pub content: u32,
    /// The brightest average of a picture.
    pub average: u32,
}

/// A text that is not of the form that it should have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not of the form `G(1,2)B(1,2)R(1,2)WP(1,2)L(2,1)`, or `1000,200`")]
pub struct ParseMasteringError;

impl fmt::Display for MasteringDisplay {
    /// `G(8500,39850)B(6550,2300)R(35400,14600)WP(15635,16450)L(10000000,50)`, the usual form among encoders.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pairs = [self.green, self.blue, self.red, self.white, self.luminance];
        NAMES.iter().zip(pairs).try_for_each(|(name, (first, second))| write!(f, "{name}({first},{second})"))
    }
}

/// Names of the pairs in text.
const NAMES: [&str; 5] = ["G", "B", "R", "WP", "L"];

impl FromStr for MasteringDisplay {
    type Err = ParseMasteringError;

    fn from_str(text: &str) -> Result<Self, ParseMasteringError> {
        let mut rest = text;
        let mut pairs = [(0, 0); 5];
        for (name, pair) in NAMES.iter().zip(&mut pairs) {
            let inner = rest.strip_prefix(name).and_then(|rest| rest.strip_prefix('(')).ok_or(ParseMasteringError)?;
            let (numbers, after) = inner.split_once(')').ok_or(ParseMasteringError)?;
            *pair = two(numbers)?;
            rest = after;
        }
        let [green, blue, red, white, luminance] = pairs;
        let read = MasteringDisplay { green, blue, red, white, luminance };
        if rest.is_empty() { Ok(read) } else { Err(ParseMasteringError) }
    }
}

impl fmt::Display for LightLevel {
    /// `1000,200`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{}", self.content, self.average)
    }
}

impl FromStr for LightLevel {
    type Err = ParseMasteringError;

    fn from_str(text: &str) -> Result<Self, ParseMasteringError> {
        let (content, average) = two(text)?;
        Ok(LightLevel { content, average })
    }
}

fn two(text: &str) -> Result<(u32, u32), ParseMasteringError> {
    let (first, second) = text.split_once(',').ok_or(ParseMasteringError)?;
    let number = |text: &str| text.parse().map_err(|_| ParseMasteringError);
    Ok((number(first)?, number(second)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_is_read_and_nothing_else() {
        let text = "G(8500,39850)B(6550,2300)R(35400,14600)WP(15635,16450)L(10000000,50)";
        assert_eq!(text.parse::<MasteringDisplay>().map(|read| read.to_string()).as_deref(), Ok(text));
        assert_eq!("1000,200".parse::<LightLevel>().map(|read| read.to_string()).as_deref(), Ok("1000,200"));
        for wrong in ["", "G(1,2)", "B(1,2)G(1,2)R(1,2)WP(1,2)L(2,1)", "G(1,2)B(1,2)R(1,2)WP(1,2)L(2,1)x", "G(1,-2)"] {
            assert_eq!(wrong.parse::<MasteringDisplay>(), Err(ParseMasteringError), "{wrong}");
        }
        assert_eq!("1000".parse::<LightLevel>(), Err(ParseMasteringError));
    }
}
