//! Chosen pictures as they are, laid by in a file by one process for another.

use crate::plan::stream::PixelFormat;
use crate::units::Resolution;

/// Pictures one after the other without anything between them: their number can be told from the length of the file.
/// When each is shown the plan knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawPictures {
    /// How many.
    pub count: u32,
    /// Size of each.
    pub size: Resolution,
    /// How their pixels are stored.
    pub pixel_format: PixelFormat,
}

impl RawPictures {
    /// Bytes of all of them; `None` for a pixel format that is not laid by.
    pub fn bytes(&self) -> Option<u64> {
        let (width, height) = (u64::from(self.size.width), u64::from(self.size.height));
        let (pixels, half) = (width * height, width.div_ceil(2) * height.div_ceil(2));
        let each = match self.pixel_format.0.as_str() {
            "yuv420p" | "yuvj420p" => pixels + 2 * half,
            "rgb24" | "bgr24" | "gbrp" => 3 * pixels,
            "rgba" | "bgra" | "argb" | "abgr" => 4 * pixels,
            _ => return None,
        };
        each.checked_mul(u64::from(self.count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_sides_have_chroma_for_their_last_column_and_row() {
        let bytes = |format: &str, width, height| {
            let (size, pixel_format) = (Resolution::new(width, height), PixelFormat(format.into()));
            RawPictures { count: 2, size, pixel_format }.bytes()
        };
        assert_eq!(bytes("yuvj420p", 4, 2), Some(24));
        assert_eq!(bytes("yuv420p", 3, 3), Some(34));
        assert_eq!(bytes("rgb24", 3, 3), Some(54));
        assert_eq!(bytes("rgba", 3, 3), Some(72));
        assert_eq!(bytes("gray", 3, 3), None);
    }
}
