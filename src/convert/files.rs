//! Files that templates name: relative to the text that declares them, and after converting to the main text.

use crate::catalog::template::{FileReference, MarkContent, Template};
use std::sync::Arc;

/// The template with its files named from the folder of the main text; imports lie there or below.
pub fn moved(template: &Template, main: &str) -> Template {
    let Template::Watermark(mark) = template else { return template.clone() };
    let mut mark = Arc::clone(mark);
    match &mut Arc::make_mut(&mut mark).content {
        MarkContent::Image(file) => rename(file, main),
        MarkContent::Text(style) => rename(&mut style.font, main),
        MarkContent::Svg => {}
    }
    Template::Watermark(mark)
}

fn rename(file: &mut FileReference, main: &str) {
    let folder = folder_of(&file.base);
    let below = folder.strip_prefix(folder_of(main)).unwrap_or(folder);
    let is_relative = !file.is_inline() && !file.path.starts_with('/');
    if is_relative && !below.is_empty() {
        file.path = format!("{below}{}", file.path);
    }
}

/// The folder of a text's name, with the slash at its end.
fn folder_of(name: &str) -> &str {
    name.rfind('/').map_or("", |at| &name[..=at])
}
